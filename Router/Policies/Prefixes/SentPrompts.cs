using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Remembers which worker was sent which prompts, and says how much of another prompt each has probably kept. Thread-safe.</summary>
/// <remarks>Models and cache salts share nothing. What it costs is described at <see cref="BlockHolders"/>.</remarks>
internal sealed class SentPrompts(CacheAwareOptions options, TimeProvider time)
{
    private const int WordBits = 64;

    private readonly WorkerSlots _slots = new();
    private readonly BlockHolders _holders = new(options.MaxMemory);
    private readonly long _began = time.GetTimestamp();

    /// <summary>Bytes remembered for each worker that is still there.</summary>
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

    /// <summary>Writes the keys of a prompt's blocks, <see cref="PromptBlocks.CountOf"/> many.</summary>
    public static void KeysOf(in RoutingRequest request, ReadOnlySpan<byte> prompt, Span<ulong> keys) =>
        PromptBlocks.Keys(PromptBlocks.Root(request.Peek.Model, request.Peek.CacheSalt), prompt, keys);

    /// <summary>Writes the share of the prompt that each candidate holds.</summary>
    public void Match(ReadOnlySpan<ulong> keys, int promptBytes, ReadOnlySpan<Worker> candidates, Span<float> shares)
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
            shares[i] = slots[i] < 0 ? 0 : (float)PromptBlocks.BytesOf(matched[slots[i]], promptBytes) / promptBytes;
        }
    }

    /// <summary>Notes that a worker is sent a prompt.</summary>
    public void Add(ReadOnlySpan<ulong> keys, int promptBytes, Worker worker)
    {
        if (_slots.Of(worker) is >= 0 and var slot)
        {
            _holders.Add(keys, promptBytes, slot, (uint)time.GetElapsedTime(_began).TotalSeconds);
        }
    }

    /// <summary>Forgets workers that are gone, and of the others what is too much.</summary>
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
}
