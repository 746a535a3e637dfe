using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Draws two candidates and takes the one with fewer requests in flight; the first drawn when they are equal.</summary>
/// <param name="random">Must be thread-safe, as <see cref="Random.Shared"/> is.</param>
internal sealed class PowerOfTwoPolicy(Random random) : IRoutingPolicy
{
    public string Name => "power_of_two";

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new(Draw(candidates), "fewer requests in flight of two drawn by lot");

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) => Choose(request, candidates, scores);

    private int Draw(ReadOnlySpan<Worker> candidates)
    {
        if (candidates.Length == 1)
        {
            return 0;
        }

        var first = random.Next(candidates.Length);
        var second = random.Next(candidates.Length - 1);
        if (second >= first)
        {
            second++;
        }

        return candidates[second].InFlight < candidates[first].InFlight ? second : first;
    }
}
