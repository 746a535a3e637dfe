using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Any candidate with equal chance.</summary>
/// <param name="random">Must be thread-safe, as <see cref="Random.Shared"/> is.</param>
internal sealed class RandomPolicy(Random random) : IRoutingPolicy
{
    public string Name => "random";

    public string Reason => "drawn by lot";

    public int Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates) => random.Next(candidates.Length);

    public int Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates) => random.Next(candidates.Length);
}
