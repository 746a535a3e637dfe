using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>One walk along a prompt's chain of keys, which keeps a bit for each endpoint that has held every block so far.</summary>
/// <remarks>
/// A block costs an AND of its holders with those bits, 256 endpoints at a time; only endpoints that drop out cost work of their own. Blocks are located in
/// groups before any is read, because memory brings many lines in the time of one and an index is larger than the processor's caches.
/// </remarks>
internal ref struct PrefixWalk
{
    /// <summary>Words of scratch memory per word of endpoint bits.</summary>
    public const int Sets = 5;

    // Enough to hide memory's latency behind the work on a block; more would be located in vain where a prompt ends early.
    private const int Ahead = 16;

    private readonly IndexShard[] _shards;
    private readonly PrefixMatches _matches;
    private readonly Span<ulong> _fast;
    private readonly Span<ulong> _cpu;
    private readonly Span<ulong> _storage;
    private readonly Span<ulong> _alive;
    private readonly Span<ulong> _left;
    private int _endpoints;

    public PrefixWalk(IndexShard[] shards, Span<ulong> scratch, PrefixMatches matches)
    {
        var words = scratch.Length / Sets;
        _shards = shards;
        _matches = matches;
        _alive = scratch[..words];
        _left = scratch.Slice(words, words);
        _fast = scratch.Slice(2 * words, words);
        _cpu = scratch.Slice(3 * words, words);
        _storage = scratch.Slice(4 * words, words);
        _alive.Fill(ulong.MaxValue);
        _endpoints = words * 64;
    }

    /// <summary>Walks until nobody is left or the chain ends, and notes each endpoint's depth.</summary>
    public void Run(ReadOnlySpan<ulong> keys)
    {
        Span<BlockPlace> places = stackalloc BlockPlace[Ahead];
        var depth = 0;
        while (depth < keys.Length)
        {
            var group = keys[depth..Math.Min(keys.Length, depth + Ahead)];
            foreach (var place in places[..Locate(group, places)])
            {
                if (!Take(keys[depth], place, depth))
                {
                    return;
                }

                depth++;
            }
        }

        DropAll(keys.Length);
    }

    /// <returns>How many were located: up to the first that nobody holds.</returns>
    private readonly int Locate(ReadOnlySpan<ulong> keys, Span<BlockPlace> places)
    {
        foreach (var key in keys)
        {
            IndexShard.Of(_shards, key).Prefetch(Tier.Gpu, key);
        }

        var count = 0;
        while (count < keys.Length)
        {
            places[count] = IndexShard.Of(_shards, keys[count]).Locate(keys[count]);
            if (places[count++].Row == BlockPlace.Nowhere)
            {
                break;
            }
        }

        return count;
    }

    /// <returns>Whether anybody holds everything so far.</returns>
    private bool Take(ulong key, BlockPlace place, int depth)
    {
        var shard = IndexShard.Of(_shards, key);
        if (place.Row == BlockPlace.Nowhere && shard.IsStill(place))
        {
            DropAll(depth);
            return false;
        }

        if (place.Row >= 0)
        {
            var holders = shard.View(place);
            if (holders.Length >= _alive.Length)
            {
                var changed = Narrow(_alive, holders, _left);
                if (shard.IsStill(place))
                {
                    return changed == 0 || Drop(changed, depth);
                }
            }
        }

        // Several tiers, or a writer came in between.
        if (shard.Read(key, _fast, _cpu, _storage))
        {
            SeparateTiers();
        }

        return Drop(Narrow(_alive, _fast, _left), depth);
    }

    // Those who hold the present block go on; the others matched the blocks before it.
    private bool Drop(ulong changedWords, int depth)
    {
        for (; changedWords != 0; changedWords &= changedWords - 1)
        {
            var word = BitOperations.TrailingZeroCount(changedWords);
            var gone = _alive[word] ^ _left[word];
            _alive[word] = _left[word];
            _endpoints -= BitOperations.PopCount(gone);
            _matches.End(word * 64, gone, depth);
        }

        return _endpoints > 0;
    }

    private void DropAll(int depth)
    {
        _left.Clear();
        _ = Drop(Narrow(_alive, _left, _left), depth);
    }

    // A block counts in its fastest tier.
    private readonly void SeparateTiers()
    {
        for (var word = 0; word < _alive.Length; word++)
        {
            var onCpu = _cpu[word] & ~_fast[word] & _alive[word];
            var onStorage = _storage[word] & ~_fast[word] & ~_cpu[word] & _alive[word];
            _matches.CountSlower(word * 64, onCpu, Tier.Cpu);
            _matches.CountSlower(word * 64, onStorage, Tier.Storage);
            _fast[word] |= _cpu[word] | _storage[word];
        }
    }

    /// <summary>Writes to <paramref name="left"/> who is both alive and a holder.</summary>
    /// <returns>A bit for each word that has changed; there are at most 64.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Narrow(ReadOnlySpan<ulong> alive, ReadOnlySpan<ulong> holders, Span<ulong> left)
    {
        holders = holders[..alive.Length];
        left = left[..alive.Length];
        ulong changed = 0;
        var word = 0;
        for (; word <= alive.Length - Vector256<ulong>.Count; word += Vector256<ulong>.Count)
        {
            var before = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(alive), (nuint)word);
            var after = before & Vector256.LoadUnsafe(in MemoryMarshal.GetReference(holders), (nuint)word);
            after.StoreUnsafe(ref MemoryMarshal.GetReference(left), (nuint)word);
            changed |= (ulong)(~Vector256.Equals(before, after)).ExtractMostSignificantBits() << word;
        }

        for (; word < alive.Length; word++)
        {
            left[word] = alive[word] & holders[word];
            changed |= alive[word] == left[word] ? 0 : 1UL << word;
        }

        return changed;
    }
}
