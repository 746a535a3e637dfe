using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Takes the candidates in turn.</summary>
internal sealed class RoundRobinPolicy : IRoutingPolicy
{
    private const string Reason = "next in turn";

    private uint _next;

    public string Name => "round_robin";

    // The counter starts at 0 and Increment answers 1 first.
    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new((int)((Interlocked.Increment(ref _next) - 1) % (uint)candidates.Length), Reason);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        new((int)(Volatile.Read(ref _next) % (uint)candidates.Length), Reason);
}
