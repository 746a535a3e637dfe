using LlmdAspire.Router.Explain;

namespace LlmdAspire.Router.Requests;

/// <summary>Remembers the latest requests and decisions, and counts them all.</summary>
internal sealed class RequestJournal(RouterMetrics metrics)
{
    private const int MaxRequests = 1000;

    // A decision names every worker: with 16 of them about half a kilobyte each.
    private const int MaxDecisions = 4096;

    private readonly Ring<RequestRecord> _requests = new(MaxRequests);
    private readonly Ring<Decision> _decisions = new(MaxDecisions);

    /// <summary>Finished requests, newest first.</summary>
    public IEnumerable<RequestRecord> Requests => _requests.Newest();

    public void Decided(Decision decision) => _decisions.Add(decision);

    /// <summary>The latest decision for a request.</summary>
    public Decision? FindDecision(string requestId)
    {
        foreach (var decision in _decisions.Newest())
        {
            if (decision.RequestId == requestId)
            {
                return decision;
            }
        }

        return null;
    }

    public void Finished(HttpContext context, Exchange exchange, RequestFailure? failure)
    {
        var error = failure?.Kind ?? (exchange.Status >= 400 ? "engine_" + (exchange.Status >= 500 ? "5xx" : "4xx") : null);
        metrics.Finished(exchange.Rules.Route, exchange.Elapsed, exchange.TimeToFirstByte, error);
        if (!exchange.Rules.Recorded)
        {
            return;
        }

        _requests.Add(new RequestRecord
        {
            RequestId = exchange.RequestId,
            Time = exchange.Arrived,
            Method = context.Request.Method,
            Path = context.Request.Path,
            Model = exchange.Peek.Model,
            Stream = exchange.Peek.Stream,
            Status = exchange.Status,
            Endpoint = exchange.Endpoint ?? exchange.Worker?.Name,
            PrefillEndpoint = exchange.Prefill?.Name,
            PrefillMs = exchange.PrefillTook?.TotalMilliseconds,
            Attempts = exchange.Attempts,
            DurationMs = exchange.Elapsed.TotalMilliseconds,
            TtfbMs = exchange.TimeToFirstByte?.TotalMilliseconds,
            PromptTokens = exchange.Usage?.PromptTokens,
            CompletionTokens = exchange.Usage?.CompletionTokens,
            CachedTokens = exchange.Usage?.CachedTokens,
            Error = error,
        });
    }
}
