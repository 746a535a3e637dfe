using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers engines with more of their KV cache free.</summary>
internal sealed class KvCacheUtilizationScorer : IScorer, IReadsEngineMetrics
{
    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            scores[i] = 1 - candidates[i].Load.KvUsage;
        }
    }
}
