using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Draws two candidates and takes the one with fewer requests in flight; the first drawn when they are equal.</summary>
/// <param name="random">Must be thread-safe, as <see cref="Random.Shared"/> is.</param>
internal sealed class PowerOfTwoPolicy(Random random) : IRoutingPolicy
{
    public string Name => "power_of_two";

    public string Reason => "fewer requests in flight of two drawn by lot";

    public int Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates)
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

    public int Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates) => Choose(request, candidates);
}
