using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Requests;

/// <summary>Tells a worker's breaker and probe what an attempt showed.</summary>
internal sealed partial class AttemptReport(RouterMetrics metrics, ILogger<AttemptReport> logger)
{
    /// <summary>The engine answered, well or badly.</summary>
    public void Answered(Worker worker, int status)
    {
        var failed = status >= 500;
        metrics.BreakerHeard(worker, !failed);
        if (failed)
        {
            worker.Breaker.RecordFailure();
        }
        else
        {
            worker.Breaker.RecordSuccess();
        }
    }

    /// <summary>The engine gave no answer, or half of one.</summary>
    /// <param name="unreachable">Not even a connection came about.</param>
    public void Broke(Exchange exchange, Worker worker, int attempt, bool unreachable, string reason)
    {
        metrics.BreakerHeard(worker, success: false);
        worker.Breaker.RecordFailure();
        worker.Suspected(unreachable);
        LogFailed(exchange.RequestId, worker.Name, attempt, reason);
    }

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "Request {RequestId} got no whole answer from {Worker} in attempt {Attempt}: {Reason}")]
    private partial void LogFailed(string requestId, string worker, int attempt, string reason);
}
