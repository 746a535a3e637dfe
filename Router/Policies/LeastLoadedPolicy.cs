using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>The candidate with the fewest requests in flight; equals take turns.</summary>
internal sealed class LeastLoadedPolicy : IRoutingPolicy
{
    private const string Reason = "fewest requests in flight";

    private uint _next;

    public string Name => "least_loaded";

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new(LeastLoaded.Among(candidates, Interlocked.Increment(ref _next) - 1), Reason);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new(LeastLoaded.Among(candidates, Volatile.Read(ref _next)), Reason);
}
