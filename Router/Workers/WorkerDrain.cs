using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Workers;

/// <summary>Takes workers out of service without breaking what they are doing, until a deadline.</summary>
internal sealed partial class WorkerDrain(WorkerPool pool, InFlightRequests inFlight, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<WorkerDrain> logger)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Begins: the worker gets nothing new from now on and leaves when idle, at the deadline at the latest.</summary>
    public void Begin(Worker worker, TimeSpan deadline)
    {
        worker.Draining = true;
        _ = DrainAsync(worker, deadline, lifetime.ApplicationStopping);
    }

    private async Task DrainAsync(Worker worker, TimeSpan deadline, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        try
        {
            // A look before the first check: a request may have chosen this worker just before it began to drain.
            do
            {
                await Task.Delay(s_look, time, stopping);
            }
            while (worker.InFlight > 0 && time.GetElapsedTime(began) < deadline);

            var cut = worker.InFlight > 0 ? inFlight.Cut(worker, "its engine is taken out of service and the deadline has passed") : 0;
            _ = pool.Remove(worker.Id);
            LogDrained(worker.Name, cut);
        }
        catch (OperationCanceledException)
        {
            // The router itself stops and drains everything.
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Worker {Worker} is drained and removed; {Cut} requests were cut at the deadline")]
    private partial void LogDrained(string worker, int cut);
}
