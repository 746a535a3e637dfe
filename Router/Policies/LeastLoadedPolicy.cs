using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>The candidate with the fewest requests in flight; equals take turns.</summary>
internal sealed class LeastLoadedPolicy : IRoutingPolicy
{
    private uint _next;

    public string Name => "least_loaded";

    public string Reason => "fewest requests in flight";

    public int Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates) => Least(candidates, Interlocked.Increment(ref _next) - 1);

    public int Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates) => Least(candidates, Volatile.Read(ref _next));

    private static int Least(ReadOnlySpan<Worker> candidates, uint turn)
    {
        var least = (int)(turn % (uint)candidates.Length);
        for (var i = 1; i < candidates.Length; i++)
        {
            var at = (int)((turn + (uint)i) % (uint)candidates.Length);
            least = candidates[at].InFlight < candidates[least].InFlight ? at : least;
        }

        return least;
    }
}
