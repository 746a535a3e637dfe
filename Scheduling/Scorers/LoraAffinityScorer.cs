using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers engines where the adapter that the request names is active, then those with room for it, then those that load it already.</summary>
internal sealed class LoraAffinityScorer : IScorer, IReadsEngineMetrics
{
    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            scores[i] = ScoreOf(candidates[i].Load, context.Request.Model);
        }
    }

    private static double ScoreOf(EngineLoad load, string model)
    {
        if (load.RunningLoras.Contains(model))
        {
            return 1;
        }

        if (load.RunningLoras.Count + load.WaitingLoras.Count < load.MaxLoras)
        {
            return 0.8;
        }

        return load.WaitingLoras.Contains(model) ? 0.6 : 0;
    }
}
