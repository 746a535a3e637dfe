using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Saturation;

/// <summary>Goes by what was sent to engines and has not ended, against what they are meant to hold; engines need not tell anything.</summary>
/// <remarks>llm-d's <c>concurrency-detector</c>. As a filter it keeps endpoints within their limits, and all when none is.</remarks>
internal sealed class ConcurrencyDetector(ConcurrencyMode mode, int maxRequests, long maxTokens, double headroom) : ISaturationDetector, IFilter
{
    public const string Type = "concurrency-detector";
    public const int DefaultRequests = 100;
    public const long DefaultTokens = 1_000_000;

    public double Measure(ReadOnlySpan<EngineEndpoint> endpoints)
    {
        var (requests, tokens) = (0L, 0L);
        foreach (var endpoint in endpoints)
        {
            requests += endpoint.RequestsInFlight;
            tokens += endpoint.TokensInFlight;
        }

        return endpoints.IsEmpty ? 1 : Saturation((double)requests / endpoints.Length, (double)tokens / endpoints.Length);
    }

    public int Keep(SchedulingContext context, Span<EngineEndpoint> candidates)
    {
        var limit = 1 + headroom;
        return Filtering.KeepOrAll(candidates, endpoint => Saturation(endpoint.RequestsInFlight, endpoint.TokensInFlight) < limit);
    }

    private double Saturation(double requests, double tokens) => mode switch
    {
        ConcurrencyMode.Requests => requests / maxRequests,
        ConcurrencyMode.Tokens => tokens / maxTokens,
        _ => Math.Max(requests / maxRequests, tokens / maxTokens),
    };
}
