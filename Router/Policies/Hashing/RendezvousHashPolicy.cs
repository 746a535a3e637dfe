using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>Sends what belongs together to the worker with the highest hash of key and name; vllm-router's <c>rendezvous_hash</c>.</summary>
/// <remarks>Spreads keys more evenly than a ring and remembers nothing; a choice costs a hash per candidate.</remarks>
internal sealed class RendezvousHashPolicy : IRoutingPolicy
{
    private const int RoomForKey = 256;

    private static readonly string[] s_reasons = [.. RoutingKey.Sources.Select(source => $"highest hash with the key, {source}")];

    private uint _next;

    public string Name => "rendezvous_hash";

    public string ScoreName => "rendezvous";

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: true);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: false);

    private PolicyChoice Decide(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores, bool forReal)
    {
        var key = RoutingKey.Of(request, stackalloc byte[RoomForKey]);
        if (key.Bytes.IsEmpty)
        {
            var turn = forReal ? Interlocked.Increment(ref _next) - 1 : Volatile.Read(ref _next);
            return new(LeastLoaded.Among(candidates, turn), "the request has no key; fewest requests in flight");
        }

        return new(Rendezvous.Find(key.Bytes, candidates, scores), s_reasons[key.Source]);
    }
}
