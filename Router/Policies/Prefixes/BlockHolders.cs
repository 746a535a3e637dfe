using System.Numerics;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Which worker was sent which blocks of prompts, and so probably holds them. Thread-safe; looking takes no lock and allocates nothing.</summary>
/// <remarks>
/// Bounded in memory: a block takes 22 bytes and 8 more for every further 64 workers, in tables that double when a bucket of eight is full. When the
/// memory is used up, the longest unused of the eight makes room.
/// </remarks>
internal sealed class BlockHolders
{
    private const int WordBits = 64;

    // Each grows by itself, so that no request waits until millions of blocks are copied.
    private const int SegmentBits = 6;

    private readonly long[] _text = new long[WorkerSlots.Max];
    private readonly HolderSegment[] _segments = new HolderSegment[1 << SegmentBits];

    /// <param name="maxBytes">Of memory.</param>
    public BlockHolders(long maxBytes)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            _segments[i] = new HolderSegment(maxBytes / _segments.Length, _text);
        }
    }

    /// <summary>Bytes of prompts that a worker is believed to hold.</summary>
    public long TextOf(int slot) => Volatile.Read(ref _text[slot]);

    /// <summary>Finds how many of a prompt's first blocks each of some workers holds.</summary>
    /// <param name="wanted">The workers asked about, a bit per slot; used up.</param>
    /// <param name="matched">By slot; written for those asked about.</param>
    public void Match(ReadOnlySpan<ulong> keys, Span<ulong> wanted, Span<int> matched)
    {
        Span<ulong> holders = stackalloc ulong[wanted.Length];
        for (var i = 0; i < keys.Length && wanted.ContainsAnyExcept(0UL); i++)
        {
            SegmentOf(keys[i]).Read(keys[i], holders);
            for (var word = 0; word < wanted.Length; word++)
            {
                // Who lacks this block matched the i before it.
                Write(matched, word, wanted[word] & ~holders[word], i);
                wanted[word] &= holders[word];
            }
        }

        for (var word = 0; word < wanted.Length; word++)
        {
            Write(matched, word, wanted[word], keys.Length);
        }
    }

    /// <summary>Notes that a worker holds a prompt and that its blocks were used.</summary>
    /// <param name="now">Seconds since any moment.</param>
    public void Add(ReadOnlySpan<ulong> keys, int promptBytes, int slot, uint now)
    {
        // Looked at all first: without a lock between them the looks wait for memory together.
        Span<bool> held = stackalloc bool[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            held[i] = SegmentOf(keys[i]).IsHeld(keys[i], slot, now);
        }

        for (var i = 0; i < keys.Length; i++)
        {
            if (!held[i])
            {
                var length = PromptBlocks.BytesOf(i + 1, promptBytes) - PromptBlocks.BytesOf(i, promptBytes);
                SegmentOf(keys[i]).Add(keys[i], slot, length, now);
            }
        }
    }

    /// <summary>Forgets the longest unused text of a worker until so much is left.</summary>
    public void Trim(int slot, long maxText)
    {
        var ages = new Dictionary<uint, long>();
        foreach (var segment in _segments)
        {
            segment.AddAges(slot, ages);
        }

        var excess = ages.Values.Sum() - maxText;
        foreach (var (time, bytes) in ages.OrderBy(age => age.Key))
        {
            if (excess <= bytes)
            {
                Drop(slot, time, excess);
                return;
            }

            excess -= bytes;
        }
    }

    /// <summary>Forgets a worker.</summary>
    public void Forget(int slot) => Drop(slot, uint.MaxValue, long.MaxValue);

    private void Drop(int slot, uint time, long bytesOfThatTime)
    {
        foreach (var segment in _segments)
        {
            segment.Drop(slot, time, ref bytesOfThatTime);
        }
    }

    private static void Write(Span<int> matched, int word, ulong slots, int blocks)
    {
        for (; slots != 0; slots &= slots - 1)
        {
            matched[(word * WordBits) + BitOperations.TrailingZeroCount(slots)] = blocks;
        }
    }

    // Buckets go by the low bits of a key.
    private HolderSegment SegmentOf(ulong key) => _segments[key >> (64 - SegmentBits)];
}
