using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>From 0.5 for an empty queue down to 0 at the threshold, so that load alone never outweighs a hit of equal weight.</summary>
internal sealed class LoadAwareScorer(int threshold) : IScorer, IReadsEngineMetrics
{
    public const int DefaultThreshold = 128;

    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            var waiting = Math.Min(candidates[i].Load.Waiting, threshold);
            scores[i] = 0.5 * (1 - ((double)waiting / threshold));
        }
    }
}
