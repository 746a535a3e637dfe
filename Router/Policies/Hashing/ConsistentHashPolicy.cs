using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>Sends what belongs together to one worker, by a ring of hashes; vllm-router's <c>consistent_hash</c>.</summary>
/// <remarks>The ring keeps workers that are away for a while, so that a key comes back to where it was; meanwhile the next on the ring has it.</remarks>
internal sealed class ConsistentHashPolicy : IRoutingPolicy
{
    private const int RoomForKey = 256;

    private static readonly string[] s_reasons = [.. RoutingKey.Sources.Select(source => $"owns the key, {source}, on the ring")];
    private static readonly string[] s_nextReasons =
        [.. RoutingKey.Sources.Select(source => $"next on the ring behind the owner of the key, {source}, which may not serve now")];

    private readonly Lock _changing = new();
    private volatile HashRing _ring = HashRing.Empty;
    private uint _next;

    public string Name => "consistent_hash";

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) => Decide(request, candidates, forReal: true);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) => Decide(request, candidates, forReal: false);

    private PolicyChoice Decide(in RoutingRequest request, ReadOnlySpan<Worker> candidates, bool forReal)
    {
        var key = RoutingKey.Of(request, stackalloc byte[RoomForKey]);
        if (key.Bytes.IsEmpty)
        {
            var turn = forReal ? Interlocked.Increment(ref _next) - 1 : Volatile.Read(ref _next);
            return new(LeastLoaded.Among(candidates, turn), "the request has no key; fewest requests in flight");
        }

        var chosen = RingWith(candidates).Find(RingHash.Of(key.Bytes), candidates, out var passedOver);
        return new(chosen, (passedOver ? s_nextReasons : s_reasons)[key.Source]);
    }

    private HashRing RingWith(ReadOnlySpan<Worker> candidates)
    {
        var ring = _ring;
        foreach (var worker in candidates)
        {
            if (!ring.Has(worker))
            {
                return Add(candidates);
            }
        }

        return ring;
    }

    private HashRing Add(ReadOnlySpan<Worker> candidates)
    {
        lock (_changing)
        {
            var workers = _ring.Workers.Where(worker => !worker.Removed).ToList();
            foreach (var worker in candidates)
            {
                // Not what the old ring says: a candidate that was removed meanwhile is on no ring, and still somebody's candidate.
                if (!workers.Contains(worker))
                {
                    workers.Add(worker);
                }
            }

            return _ring = new HashRing(workers);
        }
    }
}
