using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;

namespace LlmdAspire.Epp.Decisions;

/// <summary>What lately made decisions expect of an endpoint's prefix cache.</summary>
/// <param name="Decisions">Decisions that sent a prompt there, for prefill or to be served, and knew something of its prefix.</param>
/// <param name="PromptTokens">Tokens of these prompts.</param>
/// <param name="CachedTokens">How many of them were expected in the cache.</param>
internal readonly record struct ExpectedHits(int Decisions, long PromptTokens, long CachedTokens)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    /// <summary>Adds up the last minute, as far as the log reaches, by the endpoints that were to compute the prompt and to serve it.</summary>
    public static Dictionary<EngineEndpoint, ExpectedHits> LastMinute(DecisionLog log, TimeProvider clock)
    {
        var hits = new Dictionary<EngineEndpoint, ExpectedHits>();
        foreach (var decision in log.Latest())
        {
            if (clock.GetElapsedTime(decision.At) > s_window)
            {
                break;
            }

            if (decision.Prefix is { } prefix)
            {
                // As engines count: after a hand-over the destination, too, looks into its own cache first.
                Add(decision.Result.Best, prefix);
                Add(decision.Result.Prefill, prefix);
            }
        }

        return hits;

        void Add(EngineEndpoint? endpoint, PrefixMatches prefix)
        {
            if (endpoint is not null)
            {
                var (decisions, prompt, cached) = hits.GetValueOrDefault(endpoint);
                hits[endpoint] = new(decisions + 1, prompt + prefix.PromptTokens, cached + prefix.ExpectedTokensOn(endpoint));
            }
        }
    }
}
