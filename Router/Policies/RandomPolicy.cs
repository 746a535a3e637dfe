using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Any candidate with equal chance.</summary>
/// <param name="random">Must be thread-safe, as <see cref="Random.Shared"/> is.</param>
internal sealed class RandomPolicy(Random random) : IRoutingPolicy
{
    public string Name => "random";

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new(random.Next(candidates.Length), "drawn by lot");

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) => Choose(request, candidates, scores);
}
