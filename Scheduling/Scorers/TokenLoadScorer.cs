using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers endpoints with fewer prompt tokens under way, this request's uncached ones included.</summary>
internal sealed class TokenLoadScorer(long threshold, string producer) : IScorer
{
    public const long DefaultThreshold = 4194304;

    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        var matches = context.PrefixesOf(producer);
        var prompt = matches?.PromptTokens ?? context.Request.PromptTokens;
        for (var i = 0; i < candidates.Length; i++)
        {
            var cached = matches is null ? 0 : (long)matches.BlocksOn(candidates[i]) * matches.BlockSize;
            var tokens = candidates[i].TokensInFlight + Math.Max(0, prompt - cached);
            scores[i] = 1 - Math.Min(1, (double)tokens / threshold);
        }
    }
}
