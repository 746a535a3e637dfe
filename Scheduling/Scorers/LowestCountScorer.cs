using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers engines with fewer of something, relative to the most and the least of this round.</summary>
internal sealed class LowestCountScorer(Func<EngineLoad, int> count) : IScorer, IReadsEngineMetrics
{
    /// <summary>By waiting requests: <c>queue-scorer</c>.</summary>
    public static LowestCountScorer OfWaiting() => new(static load => load.Waiting);

    /// <summary>By running requests: <c>running-requests-size-scorer</c>.</summary>
    public static LowestCountScorer OfRunning() => new(static load => load.Running);

    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        var (min, max) = (int.MaxValue, int.MinValue);
        for (var i = 0; i < candidates.Length; i++)
        {
            var value = count(candidates[i].Load);
            scores[i] = value;
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            // All equally busy: every engine is as good as any other, so this scorer does not decide.
            scores[i] = max == min ? 1 : (max - scores[i]) / ((double)max - min);
        }
    }
}
