using System.Collections.Concurrent;
using LlmdAspire.Protocols.Health;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>The status of each service name that gRPC health checks may ask for. Thread-safe.</summary>
public sealed class HealthStatuses
{
    private readonly ConcurrentDictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewChange();

    /// <summary>The status of a name; <see cref="ServingStatus.ServiceUnknown"/> when it was never set.</summary>
    public ServingStatus this[string service]
    {
        get => _statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown);
        set
        {
            if (_statuses.TryGetValue(service, out var known) && known == value)
            {
                return;
            }

            _statuses[service] = value;
            // The value is there before anybody is woken, and those who come now wait for the next change.
            Interlocked.Exchange(ref _changed, NewChange()).SetResult();
        }
    }

    /// <summary>Sets every name, for example all to NOT_SERVING before a drain.</summary>
    public void SetAll(ServingStatus status)
    {
        foreach (var service in _statuses.Keys)
        {
            this[service] = status;
        }
    }

    /// <summary>Completes at the next change of any name; take it before reading, so that no change is missed.</summary>
    internal Task NextChange => Volatile.Read(ref _changed).Task;

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
