using System.Buffers;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Connections.Features;

namespace LlmdAspire.Router.Requests;

/// <summary>Chooses a worker, sends, and chooses again while nothing has reached the client and the retry options allow.</summary>
internal sealed class AttemptLoop(
    IRoutePlans plans,
    PrefillStage prefills,
    WorkerSelector selector,
    WorkerPool pool,
    IEngineForwarder forwarder,
    RetryOptions retries,
    RetryPause pause,
    AttemptReport report,
    RequestJournal journal,
    RouterMetrics metrics,
    TimeProvider time)
{
    /// <returns>Null when the client got an engine's answer, whole; else what went wrong.</returns>
    public async ValueTask<RequestFailure?> RunAsync(HttpContext context, Exchange exchange)
    {
        // Step 3.
        var (planner, refused) = await plans.PlanAsync(context, exchange);
        if (planner is null)
        {
            return refused;
        }

        if (!planner.WantsPrefill)
        {
            return await DecodeAsync(context, exchange, planner, default);
        }

        try
        {
            return await InTwoStagesAsync(context, exchange, planner);
        }
        finally
        {
            metrics.PdFinished(exchange.Rules.Route, exchange.Elapsed);
        }
    }

    private async ValueTask<RequestFailure?> InTwoStagesAsync(HttpContext context, Exchange exchange, ILegPlanner planner)
    {
        // Step 5.
        var prefill = await prefills.RunAsync(context, exchange, planner);
        if (prefill.Refused is not { } answer)
        {
            return await DecodeAsync(context, exchange, planner, prefill);
        }

        Explain(exchange, planner, prefill.Choice!, null, attempt: 1);
        return exchange.CutReason is null ? await PassOnAsync(context, exchange, answer) : CutFailure(exchange);
    }

    // Step 6.
    private async ValueTask<RequestFailure?> DecodeAsync(HttpContext context, Exchange exchange, ILegPlanner planner, PrefillResult prefill)
    {
        var everyWorker = exchange.Rules.AskEveryWorker;
        var limit = everyWorker ? Math.Max(1, pool.Current.Count) : retries.MaxAttempts;
        List<Worker> tried = [];
        var reachedAnEngine = false;
        RequestFailure? failure = null;
        for (var attempt = 1; ; attempt++)
        {
            var handOver = prefill.HandOver is { } left && left.IsValid(time, reachedAnEngine) ? left : null;
            var choice = Choose(planner, prefill.HandOver, handOver, tried, attempt);
            Explain(exchange, planner, choice, prefill.HandOver is null ? null : prefill.Choice, attempt);
            var isLast = attempt >= limit;
            if (choice.Worker is null)
            {
                failure = new("no_worker", OpenAiError.OfStatus(503, $"The request cannot be served now: {choice.Reason}."));
                isLast |= everyWorker || pool.Current.Count == 0;
            }
            else
            {
                var outcome = await AttemptAsync(context, exchange, planner, LegOf(exchange, choice, handOver), attempt, isLast);
                if (outcome.Result is not (ForwardResult.NoAnswer or ForwardResult.Refused))
                {
                    return Settle(context, exchange, outcome);
                }

                tried.Add(choice.Worker);
                reachedAnEngine |= !outcome.Unreachable;
                failure = Describe(exchange, outcome, reachedAnEngine);
            }

            if (isLast || exchange.CutReason is not null)
            {
                metrics.Exhausted(exchange.Rules.Route);
                return failure;
            }

            if (!everyWorker)
            {
                await pause.WaitAsync(exchange, attempt, context.RequestAborted);
            }
        }
    }

    // The first decode leg was chosen together with its prefill leg; it may have begun to drain or died meanwhile.
    private static LegChoice Choose(ILegPlanner planner, HandOver? first, HandOver? valid, List<Worker> tried, int attempt) =>
        attempt == 1 && first?.Decode is { Worker: { Draining: false, Removed: false, Suspect: false } } chosen
            ? chosen
            : planner.ChooseDecode(tried, valid?.Prefill);

    private static EngineLeg LegOf(Exchange exchange, LegChoice choice, HandOver? handOver)
    {
        var body = exchange.Body is { Length: > 0 } buffered ? buffered.Bytes : ReadOnlySequence<byte>.Empty;
        if (handOver?.Params is { } found)
        {
            body = SplicedBody.Apply(body, KvTransferParams.EditsFor(body, found));
        }

        return new(choice.Worker!, choice.SendsRank, body, handOver?.RequestId ?? exchange.RequestId, exchange.Pick?.Headers);
    }

    private void Explain(Exchange exchange, ILegPlanner planner, LegChoice serving, LegChoice? prefill, int attempt)
    {
        if (exchange.Rules.Recorded)
        {
            journal.Decided(selector.Explain(exchange.RequestId, planner.Policy, serving, prefill, attempt));
        }
    }

    private async ValueTask<ForwardOutcome> AttemptAsync(
        HttpContext context, Exchange exchange, ILegPlanner planner, EngineLeg leg, int attempt, bool isLast)
    {
        var worker = leg.Worker;
        exchange.Worker = worker;
        exchange.Endpoint = leg.Endpoint;
        exchange.Attempts = attempt;
        metrics.Chosen(planner.Policy, worker);
        if (planner.WantsPrefill)
        {
            metrics.DecodeSent(worker);
        }

        using var span = planner.WantsPrefill ? Telemetry.StartStage("decode", leg.Endpoint, leg.RequestId) : null;
        worker.BeginRequest();
        try
        {
            var outcome = await forwarder.ForwardAsync(context, exchange, leg, isLast);
            Tell(worker, exchange, outcome);
            if (outcome.Result is ForwardResult.NoAnswer or ForwardResult.Broken or ForwardResult.Refused)
            {
                span.Failed(outcome.Reason ?? $"status {outcome.Status}");
                if (planner.WantsPrefill)
                {
                    metrics.DecodeFailed(worker, midStream: outcome.Result == ForwardResult.Broken);
                }
            }

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

        if (outcome.Result is ForwardResult.NoAnswer or ForwardResult.Broken)
        {
            report.Broke(exchange, worker, exchange.Attempts, outcome.Unreachable, outcome.Reason ?? "no reason given");
        }
        else
        {
            report.Answered(worker, outcome.Status);
        }
    }

    private static async ValueTask<RequestFailure?> PassOnAsync(HttpContext context, Exchange exchange, PrefillAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType ?? "application/json";
        response.ContentLength = answer.Body.Length;
        response.Headers["x-request-id"] = exchange.RequestId;
        if (answer.RetryAfter is not null)
        {
            response.Headers.RetryAfter = answer.RetryAfter;
        }

        ErrorAnswer.AddRetryAfter(response.Headers, answer.Status);

        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        return null;
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

    private static RequestFailure CutFailure(Exchange exchange) =>
        new("cut", OpenAiError.OfStatus(exchange.TimedOut ? 504 : 503, $"The request was ended: {exchange.CutReason}."));

    private static RequestFailure Describe(Exchange exchange, ForwardOutcome outcome, bool reachedAnEngine)
    {
        if (exchange.CutReason is not null)
        {
            return CutFailure(exchange);
        }

        if (outcome.Result == ForwardResult.Refused)
        {
            return new("engine_refused", OpenAiError.OfStatus(outcome.Status, $"The engine answered with status {outcome.Status}."));
        }

        // 503 is the same answer as a moment later, when the probes have found out too; an engine that got the request may have begun with it.
        return reachedAnEngine
            ? new("no_answer", OpenAiError.OfStatus(502, "No engine answered: the connection to one that was reached broke before the first byte."))
            : new("no_worker", OpenAiError.OfStatus(503, "The request cannot be served now: none of the engines tried can be reached."));
    }
}
