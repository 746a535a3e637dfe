using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Takes the candidates in turn.</summary>
internal sealed class RoundRobinPolicy : IRoutingPolicy
{
    private uint _next;

    public string Name => "round_robin";

    public string Reason => "next in turn";

    // The counter starts at 0 and Increment answers 1 first.
    public int Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates) =>
        (int)((Interlocked.Increment(ref _next) - 1) % (uint)candidates.Length);

    public int Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates) =>
        (int)(Volatile.Read(ref _next) % (uint)candidates.Length);
}
