using LlmdAspire.Router.Configuration;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>Adds a worker on an operator's word and waits until it can serve.</summary>
internal sealed class WorkerArrival(WorkerPool pool, Live<RouterFlags> flags)
{
    /// <returns>The worker once it is healthy, or one sentence that says why it was not added.</returns>
    public async Task<(Worker? Worker, string? Mistake)> AddAsync(string url, WorkerRole role, CancellationToken cancellationToken)
    {
        if (!EndpointId.TryParse(url, out var id, out var mistake))
        {
            return (null, $"url '{url}' {mistake}.");
        }

        if (pool.AddEngine(id, role) is not [var worker, ..] added)
        {
            return (null, $"Worker {id} already exists.");
        }

        var startupTimeout = TimeSpan.FromSeconds(flags.Current.WorkerStartupTimeoutSecs);
        try
        {
            await worker.WhenHealthy.WaitAsync(startupTimeout, cancellationToken);
            return (worker, null);
        }
        catch (TimeoutException)
        {
            foreach (var one in added)
            {
                _ = pool.Remove(one.Id);
            }

            return (null, $"Worker {id} did not become healthy within {startupTimeout.TotalSeconds:0} s (--worker-startup-timeout-secs).");
        }
    }
}
