using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Sends a prompt to who probably holds its beginning, because a prompt that begins so was sent there before; vllm-router's <c>cache_aware</c>.</summary>
/// <remarks>
/// While loads are far apart, and for prompts of which nobody holds enough, the candidate with the fewest requests in flight is chosen. Models and cache
/// salts share nothing. What is remembered is described at <see cref="BlockHolders"/>.
/// </remarks>
internal sealed class CacheAwarePolicy(CacheAwareOptions options, TimeProvider time) : IRoutingPolicy, IForgetfulPolicy, IRemembersPrompts
{
    private const int WordBits = 64;
    private const string Held = "holds the longest known beginning of the prompt";
    private const string Unknown = "no candidate holds more of the prompt than --cache-threshold asks; fewest requests in flight";
    private const string OutOfBalance = "loads are further apart than --balance-abs-threshold and --balance-rel-threshold allow; fewest requests in flight";
    private const string NoPrompt = "the request has no prompt; fewest requests in flight";

    private readonly WorkerSlots _slots = new();
    private readonly BlockHolders _holders = new(options.MaxMemory);
    private readonly long _began = time.GetTimestamp();
    private uint _next;

    public string Name => "cache_aware";

    public string ScoreName => "prefix_match";

    public TimeSpan Interval => options.EvictionInterval;

    public IEnumerable<KeyValuePair<Worker, long>> RememberedBytes
    {
        get
        {
            foreach (var (worker, slot) in _slots.All)
            {
                if (!worker.Removed)
                {
                    yield return new(worker, _holders.TextOf(slot));
                }
            }
        }
    }

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: true);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: false);

    public void Forget()
    {
        foreach (var (worker, slot) in _slots.All)
        {
            if (worker.Removed)
            {
                _holders.Forget(slot);
                _slots.Release(worker);
            }
            else if (_holders.TextOf(slot) > options.MaxTreeSize)
            {
                _holders.Trim(slot, options.MaxTreeSize);
            }
        }
    }

    private PolicyChoice Decide(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores, bool forReal)
    {
        using var prompt = PromptText.Of(request);
        if (prompt.Bytes.IsEmpty)
        {
            return new(FewestInFlight(candidates, forReal), NoPrompt);
        }

        Span<ulong> keys = stackalloc ulong[PromptBlocks.CountOf(prompt.Bytes.Length)];
        PromptBlocks.Keys(PromptBlocks.Root(request.Peek.Model, request.Peek.CacheSalt), prompt.Bytes, keys);
        Match(keys, prompt.Bytes.Length, candidates, scores);
        var choice = Choose(candidates, scores, forReal);
        if (forReal)
        {
            Remember(keys, prompt.Bytes.Length, candidates[choice.Index]);
        }

        return choice;
    }

    private PolicyChoice Choose(ReadOnlySpan<Worker> candidates, ReadOnlySpan<float> scores, bool forReal)
    {
        if (IsOutOfBalance(candidates))
        {
            return new(FewestInFlight(candidates, forReal), OutOfBalance) { Outcome = PolicyOutcome.Rebalanced };
        }

        var best = 0;
        for (var i = 1; i < candidates.Length; i++)
        {
            // Who holds equally much had equally many cold prompts; the idler one takes this one.
            if (scores[i] > scores[best] || (scores[i] == scores[best] && candidates[i].InFlight < candidates[best].InFlight))
            {
                best = i;
            }
        }

        return scores[best] > (float)options.Threshold
            ? new(best, Held) { Outcome = PolicyOutcome.PrefixHeld }
            : new(FewestInFlight(candidates, forReal), Unknown) { Outcome = PolicyOutcome.PrefixUnknown };
    }

    private bool IsOutOfBalance(ReadOnlySpan<Worker> candidates)
    {
        var (least, most) = (int.MaxValue, 0);
        foreach (var worker in candidates)
        {
            least = Math.Min(least, worker.InFlight);
            most = Math.Max(most, worker.InFlight);
        }

        return most - least > options.BalanceAbsolute && most > least * options.BalanceRelative;
    }

    // The score is the share of the prompt.
    private void Match(ReadOnlySpan<ulong> keys, int promptBytes, ReadOnlySpan<Worker> candidates, Span<float> scores)
    {
        Span<int> slots = stackalloc int[candidates.Length];
        var count = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = _slots.Of(candidates[i]);
            count = Math.Max(count, slots[i] + 1);
        }

        Span<ulong> wanted = stackalloc ulong[(count + WordBits - 1) / WordBits];
        foreach (var slot in slots)
        {
            if (slot >= 0)
            {
                wanted[slot / WordBits] |= 1UL << (slot % WordBits);
            }
        }

        Span<int> matched = stackalloc int[count];
        _holders.Match(keys, wanted, matched);
        for (var i = 0; i < slots.Length; i++)
        {
            scores[i] = slots[i] < 0 ? 0 : (float)PromptBlocks.BytesOf(matched[slots[i]], promptBytes) / promptBytes;
        }
    }

    private void Remember(ReadOnlySpan<ulong> keys, int promptBytes, Worker worker)
    {
        if (_slots.Of(worker) is >= 0 and var slot)
        {
            _holders.Add(keys, promptBytes, slot, (uint)time.GetElapsedTime(_began).TotalSeconds);
        }
    }

    private int FewestInFlight(ReadOnlySpan<Worker> candidates, bool forReal) =>
        LeastLoaded.Among(candidates, forReal ? Interlocked.Increment(ref _next) - 1 : Volatile.Read(ref _next));
}
