using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Connections.Features;

namespace LlmdAspire.Router.Requests;

/// <summary>Chooses a worker, sends, and chooses again while nothing has reached the client and the retry options allow.</summary>
internal sealed partial class AttemptLoop(
    WorkerSelector selector,
    WorkerPool pool,
    IEngineForwarder forwarder,
    RetryOptions retries,
    RequestJournal journal,
    RouterMetrics metrics,
    ILogger<AttemptLoop> logger)
{
    /// <returns>Null when the client got an engine's answer, whole; else what went wrong.</returns>
    public async ValueTask<RequestFailure?> RunAsync(HttpContext context, Exchange exchange)
    {
        var everyWorker = exchange.Rules.AskEveryWorker;
        var limit = everyWorker ? Math.Max(1, pool.Current.Count) : retries.MaxAttempts;
        List<Worker> tried = [];
        RequestFailure? failure = null;
        for (var attempt = 1; ; attempt++)
        {
            var worker = Choose(context, exchange, tried, attempt, out var noneBecause);
            var isLast = attempt >= limit;
            if (worker is null)
            {
                failure = new("no_worker", OpenAiError.OfStatus(503, $"The request cannot be served now: {noneBecause}."));
                isLast |= everyWorker || pool.Current.Count == 0;
            }
            else
            {
                var outcome = await AttemptAsync(context, exchange, worker, attempt, isLast);
                if (outcome.Result is not (ForwardResult.NoAnswer or ForwardResult.Refused))
                {
                    return Settle(context, exchange, outcome);
                }

                tried.Add(worker);
                failure = Describe(exchange, outcome);
            }

            if (isLast || exchange.CutReason is not null)
            {
                metrics.Exhausted(exchange.Rules.Route);
                return failure;
            }

            if (!everyWorker)
            {
                await BackOffAsync(exchange, attempt, context.RequestAborted);
            }
        }
    }

    // Step 3.
    private Worker? Choose(HttpContext context, Exchange exchange, List<Worker> tried, int attempt, out string? noneBecause)
    {
        var request = new RoutingRequest(context.Request.Path.Value ?? "", exchange.Peek, context.Request.Headers);
        var selection = selector.Select(request, tried);
        if (exchange.Rules.Recorded)
        {
            journal.Decided(selector.Explain(exchange.RequestId, selection, attempt));
        }

        noneBecause = selection.NoneBecause;
        return selection.Worker;
    }

    // Step 6.
    private async ValueTask<ForwardOutcome> AttemptAsync(HttpContext context, Exchange exchange, Worker worker, int attempt, bool isLast)
    {
        exchange.Worker = worker;
        exchange.Attempts = attempt;
        metrics.Chosen(selector.PolicyName, worker);
        worker.BeginRequest();
        try
        {
            var outcome = await forwarder.ForwardAsync(context, exchange, worker, isLast);
            Tell(worker, exchange, outcome);
            return outcome;
        }
        finally
        {
            worker.EndRequest();
        }
    }

    // What the outcome says about the worker: a client that leaves or a request that we cut says nothing.
    private void Tell(Worker worker, Exchange exchange, ForwardOutcome outcome)
    {
        if (outcome.Result == ForwardResult.ClientGone || exchange.CutReason is not null)
        {
            return;
        }

        var failed = outcome.Result is ForwardResult.NoAnswer or ForwardResult.Broken || outcome.Status >= 500;
        metrics.BreakerHeard(worker, !failed);
        if (failed)
        {
            worker.Breaker.RecordFailure();
        }
        else
        {
            worker.Breaker.RecordSuccess();
        }

        if (outcome.Result is ForwardResult.NoAnswer or ForwardResult.Broken)
        {
            worker.Suspected(outcome.Unreachable);
            LogFailed(exchange.RequestId, worker.Name, exchange.Attempts, outcome.Reason ?? "no reason given");
        }
    }

    private static RequestFailure? Settle(HttpContext context, Exchange exchange, ForwardOutcome outcome)
    {
        switch (outcome.Result)
        {
            case ForwardResult.ClientGone:
                return RequestFailure.ClientGone;
            case ForwardResult.Broken:
                // The client was told in the stream; nothing more shall come over this connection.
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
                return new(exchange.CutReason is null ? "stream_broken" : "cut", null);
            default:
                return null;
        }
    }

    private static RequestFailure Describe(Exchange exchange, ForwardOutcome outcome)
    {
        if (exchange.CutReason is { } reason)
        {
            return new("cut", OpenAiError.OfStatus(exchange.TimedOut ? 504 : 503, $"The request was ended: {reason}."));
        }

        return outcome.Result == ForwardResult.Refused
            ? new("engine_refused", OpenAiError.OfStatus(outcome.Status, $"The engine answered with status {outcome.Status}."))
            : new("no_answer", OpenAiError.OfStatus(502, "The engine did not answer: the connection failed or broke before the first byte."));
    }

    private async ValueTask BackOffAsync(Exchange exchange, int attempt, CancellationToken clientGone)
    {
        var wait = retries.BackoffAfter(attempt, Random.Shared.NextDouble());
        metrics.Retried(exchange.Rules.Route, attempt, wait);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clientGone, exchange.WhenCut);
        try
        {
            await Task.Delay(wait, either.Token);
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            // Cut while waiting: the next look at the exchange ends it.
        }
    }

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "Request {RequestId} got no whole answer from {Worker} in attempt {Attempt}: {Reason}")]
    private partial void LogFailed(string requestId, string worker, int attempt, string reason);
}
