using LlmdAspire.Router.Requests;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>Takes workers out of service without breaking what they are doing, until a deadline.</summary>
internal sealed partial class WorkerDrain(WorkerPool pool, InFlightRequests inFlight, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<WorkerDrain> logger)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Begins: the workers of an id get nothing new from now on and leave together when idle, at the deadline at the latest.</summary>
    /// <returns>How many requests they are working on; null when there is no such worker.</returns>
    public int? Begin(EndpointId id, TimeSpan deadline)
    {
        var workers = pool.Find(id);
        if (workers is [])
        {
            return null;
        }

        foreach (var worker in workers)
        {
            worker.Draining = true;
        }

        _ = DrainAsync(id, workers, deadline, lifetime.ApplicationStopping);
        return InFlight(workers);
    }

    /// <summary>Takes back what <see cref="Begin"/> began, where it is not over.</summary>
    public void End(EndpointId id)
    {
        foreach (var worker in pool.Find(id))
        {
            worker.Draining = false;
        }
    }

    private async Task DrainAsync(EndpointId id, IReadOnlyList<Worker> workers, TimeSpan deadline, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        try
        {
            // A look before the first check: a request may have chosen this worker just before it began to drain.
            do
            {
                await Task.Delay(s_look, time, stopping);
            }
            while (InFlight(workers) > 0 && time.GetElapsedTime(began) < deadline && workers.Any(worker => worker.Draining));

            var cut = workers.Where(worker => worker is { Draining: true, InFlight: > 0 }).Sum(worker => inFlight.Cut(worker, "its engine is taken out of service and the deadline has passed"));
            // Looked up again: an engine that told its ranks meanwhile was replaced by them.
            var drained = pool.Find(id).Count(worker => worker.Draining && pool.Remove(worker.Id) is not null);
            if (drained > 0)
            {
                LogDrained(id, cut);
            }
        }
        catch (OperationCanceledException)
        {
            // The router itself stops and drains everything.
        }
    }

    private static int InFlight(IReadOnlyList<Worker> workers) => workers.Where(worker => worker.Draining).Sum(worker => worker.InFlight);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Worker {Worker} is drained and removed; {Cut} requests were cut at the deadline")]
    private partial void LogDrained(EndpointId worker, int cut);
}
