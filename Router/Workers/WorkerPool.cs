using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>The workers that exist now, and the way in and out.</summary>
internal sealed class WorkerPool(BreakerOptions breaker, TimeProvider time, Func<EndpointId, string> resolve, RouterMetrics metrics)
{
    private readonly EndpointRegistry<Worker> _registry = new();

    /// <summary>The workers at this moment; a request takes it once.</summary>
    public EndpointSnapshot<Worker> Current => _registry.Current;

    /// <summary>Raised for each new worker, on the thread that added it; the prober listens.</summary>
    public event Action<Worker>? Added;

    /// <returns>The new worker, or null when it exists already.</returns>
    public Worker? Add(EndpointId id)
    {
        var name = id.ToString();
        var worker = new Worker(id, resolve(id), new CircuitBreaker(breaker, time, (from, to) => metrics.BreakerMoved(name, from, to)));
        if (!_registry.TryAdd(id, worker))
        {
            return null;
        }

        Added?.Invoke(worker);
        return worker;
    }

    /// <returns>The removed worker, or null when there was none.</returns>
    public Worker? Remove(EndpointId id)
    {
        if (!_registry.TryRemove(id, out var worker))
        {
            return null;
        }

        worker.MarkRemoved();
        return worker;
    }
}
