using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Prefers endpoints that hold more of the prompt's beginning.</summary>
/// <param name="producer">Whose word counts on what is cached.</param>
/// <param name="lengthWeight">How much the absolute length of a match counts, 0 to 1; the rest goes to its share of the prompt.</param>
/// <param name="lengthScaleTokens">A match this long gets the full length score.</param>
internal sealed class PrefixCacheScorer(string producer, double lengthWeight, double lengthScaleTokens) : IScorer
{
    public const double DefaultLengthScaleTokens = 8192;

    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        if (context.PrefixesOf(producer) is not { TotalBlocks: > 0 } matches)
        {
            scores.Clear();
            return;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            var blocks = matches.WeightOn(candidates[i]);
            var length = Math.Min(1, blocks * matches.BlockSize / lengthScaleTokens);
            scores[i] = (lengthWeight * length * length) + ((1 - lengthWeight) * blocks / matches.TotalBlocks);
        }
    }
}
