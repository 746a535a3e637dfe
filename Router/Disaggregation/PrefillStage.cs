using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>Has another engine compute the prompt (step 5 of docs/architecture.md).</summary>
/// <remarks>
/// A failure costs the client nothing but time: other prefill workers are tried within the retry options, and when none can, the decode engine
/// computes the prompt itself. Only a 4xx, which any engine would answer, goes to the client.
/// </remarks>
internal sealed partial class PrefillStage(
    PrefillCall calls, RetryOptions retries, RetryPause pause, AttemptReport report, RouterMetrics metrics, TimeProvider time, ILogger<PrefillStage> logger)
{
    public async ValueTask<PrefillResult> RunAsync(HttpContext context, Exchange exchange, ILegPlanner planner)
    {
        if (PrefillBody.EditsFor(exchange.Body!.Bytes, context.Request.Path.Value ?? "") is not { } edits)
        {
            return default;
        }

        var body = SplicedBody.Apply(exchange.Body.Bytes, edits);
        List<Worker> tried = [];
        for (var attempt = 1; attempt <= retries.MaxAttempts; attempt++)
        {
            var prefill = planner.ChoosePrefill(tried);
            if (prefill.Worker is not { } worker || (worker.Suspect && tried.Contains(worker)))
            {
                // Nobody, or only those that could not be reached a moment ago.
                metrics.PdFailed("server_selection");
                break;
            }

            var decode = planner.ChooseDecode([], worker);
            if (decode.Worker is not { } next)
            {
                // The second stage will say so to the client.
                return new(null, null, prefill);
            }

            var leg = new EngineLeg(worker, prefill.SendsRank, body, LegRequestId.Create(worker, next), exchange.Pick?.Headers);
            var from = time.GetTimestamp();
            var answer = await AttemptAsync(context, exchange, leg, prefill, attempt);
            if (answer.Result == PrefillAnswerKind.Computed)
            {
                exchange.Prefill = worker;
                exchange.PrefillTook = time.GetElapsedTime(from);
                return new(new(worker, decode, leg.RequestId, answer.Params, time.GetTimestamp()), null, prefill);
            }

            if (answer.Result == PrefillAnswerKind.ClientsFault || exchange.CutReason is not null)
            {
                return new(null, answer, prefill);
            }

            tried.Add(worker);
            if (attempt < retries.MaxAttempts)
            {
                await pause.WaitAsync(exchange, attempt, context.RequestAborted);
            }
        }

        LogDecodeOnly(exchange.RequestId);
        return default;
    }

    private async ValueTask<PrefillAnswer> AttemptAsync(HttpContext context, Exchange exchange, EngineLeg leg, LegChoice choice, int attempt)
    {
        var worker = leg.Worker;
        exchange.Worker = worker;
        metrics.PrefillSent(worker);
        using var span = Telemetry.StartStage("prefill", leg.Endpoint, leg.RequestId);
        _ = span?.SetTag("llmd.reason", choice.Reason);
        worker.BeginRequest();
        try
        {
            var answer = await calls.SendAsync(context, exchange, leg);
            if (exchange.CutReason is not null)
            {
                return answer;
            }

            if (answer.Result == PrefillAnswerKind.NoAnswer)
            {
                report.Broke(exchange, worker, attempt, answer.Unreachable, answer.Reason ?? "no reason given");
            }
            else
            {
                report.Answered(worker, answer.Status);
            }

            if (answer.Result != PrefillAnswerKind.Computed)
            {
                metrics.PrefillFailed(worker);
                span.Failed(answer.Reason ?? $"status {answer.Status}");
            }
            else if (answer.Params is null)
            {
                LogNoParams(worker.Name, exchange.RequestId);
            }

            return answer;
        }
        finally
        {
            worker.EndRequest();
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "Request {RequestId}: no prefill worker could compute the prompt; its decode engine does")]
    private partial void LogDecodeOnly(string requestId);

    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message = "{Worker} answered request {RequestId} without kv_transfer_params; the decode engine computes the prompt again")]
    private partial void LogNoParams(string worker, string requestId);
}

/// <summary>How the first stage ended; with neither member the decode engine does all.</summary>
/// <param name="HandOver">What the second stage goes on with.</param>
/// <param name="Refused">What ends the request: the engine's answer to the client, or the cut.</param>
internal readonly record struct PrefillResult(HandOver? HandOver, PrefillAnswer? Refused, LegChoice? Choice);
