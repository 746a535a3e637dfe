using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Epp.Decisions;

/// <summary>What lately made decisions expect of an endpoint's prefix cache.</summary>
/// <param name="Decisions">Decisions that sent a prompt there, for prefill or to be served, and knew its prefix.</param>
/// <param name="PromptTokens">Tokens of these prompts.</param>
/// <param name="CachedTokens">How many of them were expected in the cache.</param>
internal readonly record struct ExpectedHits(int Decisions, long PromptTokens, long CachedTokens)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    /// <summary>Adds up the last minute, as far as the log reaches, by the endpoint that was to compute the prompt.</summary>
    public static Dictionary<EngineEndpoint, ExpectedHits> LastMinute(DecisionLog log, TimeProvider clock)
    {
        var hits = new Dictionary<EngineEndpoint, ExpectedHits>();
        foreach (var decision in log.Latest())
        {
            if (clock.GetElapsedTime(decision.At) > s_window)
            {
                break;
            }

            // After a hand-over the destination gets the blocks sent: only who computes looks into its own cache for them.
            if (decision.Prefix is { } prefix && (decision.Result.Prefill ?? decision.Result.Best) is { } endpoint)
            {
                var (decisions, prompt, cached) = hits.GetValueOrDefault(endpoint);
                hits[endpoint] = new(decisions + 1, prompt + prefix.PromptTokens, cached + prefix.ExpectedTokensOn(endpoint));
            }
        }

        return hits;
    }
}
