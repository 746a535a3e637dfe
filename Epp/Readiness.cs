using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.ServiceDefaults.Grpc;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmdAspire.Epp;

/// <summary>Whether the picker can be asked, as gRPC health and <c>/health</c> tell. Thread-safe.</summary>
internal sealed class Readiness : IHealthCheck
{
    private const string Liveness = "liveness";

    // Charts ask for "inference-extension" too.
    private static readonly string[] s_names = ["", "readiness", "inference-extension", ExternalProcessor.Service];

    private readonly Lock _gate = new();
    private readonly HealthStatuses _health;
    private string? _missing;
    private bool _isDraining;

    public Readiness(HealthStatuses health)
    {
        _health = health;
        _health[Liveness] = ServingStatus.Serving;
        Tell();
    }

    /// <summary>What the picker still waits for, in one line; null when it can be asked.</summary>
    public string? Missing
    {
        get => Volatile.Read(ref _missing);
        set
        {
            lock (_gate)
            {
                _missing = value;
                Tell();
            }
        }
    }

    /// <summary>From now on it is not, whatever comes.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            _isDraining = true;
            _health.SetAll(ServingStatus.NotServing);
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Missing is { } missing ? HealthCheckResult.Unhealthy(missing) : HealthCheckResult.Healthy());

    private void Tell()
    {
        if (_isDraining)
        {
            return;
        }

        var status = _missing is null ? ServingStatus.Serving : ServingStatus.NotServing;
        foreach (var name in s_names)
        {
            _health[name] = status;
        }
    }
}
