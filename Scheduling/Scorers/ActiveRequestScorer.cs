using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers endpoints to which this picker has sent fewer requests that still run.</summary>
/// <param name="idleThreshold">Up to so many an endpoint counts as idle.</param>
/// <param name="maxBusyScore">The best an endpoint that is not idle can get.</param>
internal sealed class ActiveRequestScorer(int idleThreshold, double maxBusyScore) : IScorer
{
    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        var max = 0;
        for (var i = 0; i < candidates.Length; i++)
        {
            var requests = candidates[i].RequestsInFlight;
            scores[i] = requests;
            max = Math.Max(max, requests);
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            scores[i] = scores[i] <= idleThreshold ? 1 : maxBusyScore * (max - scores[i]) / max;
        }
    }
}
