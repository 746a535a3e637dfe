using System.Numerics;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>A part of the index: grows as blocks come until it has used its memory, then old blocks make room for new ones.</summary>
/// <remarks>Reading takes no lock; writers of one segment take turns, for as long as a block takes, or the doubling of the segment.</remarks>
/// <param name="maxBytes">Of memory.</param>
/// <param name="text">By slot: bytes of text that are remembered for a worker; all segments count in it.</param>
internal sealed class HolderSegment(long maxBytes, long[] text)
{
    private const int WordBits = 64;
    private const int FirstBuckets = 8;

    private readonly Lock _writing = new();
    private volatile HolderRows _rows = new(Math.Min(FirstBuckets, HolderRows.BucketsIn(maxBytes, 1)), 1);

    /// <summary>Writes who holds a block; nobody when it is not known.</summary>
    public void Read(ulong key, Span<ulong> holders) => _rows.Read(key, holders);

    /// <summary>Whether <see cref="Add"/> would change nothing.</summary>
    public bool IsHeld(ulong key, int slot, uint now) => _rows.IsHeld(key, slot, now);

    /// <summary>Notes that a worker holds a block and that it was used.</summary>
    public void Add(ulong key, int slot, int length, uint now)
    {
        lock (_writing)
        {
            var rows = slot / WordBits < _rows.Words ? _rows : Rebuild(_rows.Buckets, (slot / WordBits) + 1);
            var at = rows.Find(key);
            if (at < 0)
            {
                at = MakePlace(ref rows, key);
                rows.Put(at, key, length);
            }

            if (rows.Hold(at, slot, now))
            {
                _ = Interlocked.Add(ref text[slot], rows.LengthOf(at));
            }
        }
    }

    /// <summary>Adds up how much of a worker's text was last used when.</summary>
    public void AddAges(int slot, Dictionary<uint, long> bytesByTime)
    {
        lock (_writing)
        {
            var rows = _rows;
            for (var at = 0; at < rows.Places; at++)
            {
                if (rows.IsTaken(at) && rows.Holds(at, slot))
                {
                    bytesByTime[rows.UsedAt(at)] = bytesByTime.GetValueOrDefault(rows.UsedAt(at)) + rows.LengthOf(at);
                }
            }
        }
    }

    /// <summary>Takes a worker from all blocks last used before a time, and from those of that time until so many bytes are gone.</summary>
    public void Drop(int slot, uint time, ref long bytesOfThatTime)
    {
        lock (_writing)
        {
            var rows = _rows;
            for (var at = 0; at < rows.Places; at++)
            {
                if (!rows.IsTaken(at) || !rows.Holds(at, slot) || rows.UsedAt(at) > time || (rows.UsedAt(at) == time && bytesOfThatTime <= 0))
                {
                    continue;
                }

                var length = rows.LengthOf(at);
                bytesOfThatTime -= rows.UsedAt(at) == time ? length : 0;
                _ = Interlocked.Add(ref text[slot], -length);
                rows.Release(at, slot);
            }
        }
    }

    private int MakePlace(ref HolderRows rows, ulong key)
    {
        var at = rows.FindFree(key);
        if (at < 0 && rows.Buckets < HolderRows.BucketsIn(maxBytes, rows.Words))
        {
            rows = Rebuild(rows.Buckets * 2, rows.Words);
            at = rows.FindFree(key);
        }

        return at < 0 ? Evict(rows, rows.FindOldest(key)) : at;
    }

    private HolderRows Rebuild(int buckets, int words)
    {
        var old = _rows;
        var rows = new HolderRows(Math.Min(buckets, HolderRows.BucketsIn(maxBytes, words)), words);
        for (var at = 0; at < old.Places; at++)
        {
            if (old.IsTaken(at))
            {
                var key = old.KeyOf(at);
                var free = rows.FindFree(key);
                rows.Put(free < 0 ? Evict(rows, rows.FindOldest(key)) : free, old, at);
            }
        }

        return _rows = rows;
    }

    private int Evict(HolderRows rows, int at)
    {
        var holders = rows.HoldersOf(at);
        for (var word = 0; word < holders.Length; word++)
        {
            for (var left = holders[word]; left != 0; left &= left - 1)
            {
                _ = Interlocked.Add(ref text[(word * WordBits) + BitOperations.TrailingZeroCount(left)], -rows.LengthOf(at));
            }
        }

        rows.Clear(at);
        return at;
    }
}
