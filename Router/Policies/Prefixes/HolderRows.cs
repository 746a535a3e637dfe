using System.Numerics;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>A table of blocks of fixed size: key, who holds the block, when it was last used, how many bytes of text it is.</summary>
/// <remarks>
/// Eight places a bucket, so that a look at one bucket settles everything. One thread writes at a time; others may read meanwhile and see a block or do not:
/// a key goes before its place is used again, and is looked at once more after its holders were read.
/// </remarks>
internal sealed class HolderRows
{
    private const int Ways = 8;
    private const int WordBits = 64;

    private readonly ulong[] _keys;
    private readonly ulong[] _holders;
    private readonly uint[] _usedAt;
    private readonly ushort[] _lengths;

    /// <param name="buckets">A power of two.</param>
    /// <param name="words">Of 64 workers each.</param>
    public HolderRows(int buckets, int words)
    {
        Buckets = buckets;
        Words = words;
        _keys = new ulong[buckets * Ways];
        _holders = new ulong[buckets * Ways * words];
        _usedAt = new uint[buckets * Ways];
        _lengths = new ushort[buckets * Ways];
    }

    public int Buckets { get; }

    public int Words { get; }

    public int Places => _keys.Length;

    /// <summary>The most buckets, a power of two, that so many bytes hold.</summary>
    public static int BucketsIn(long bytes, int words)
    {
        var bucket = Ways * (sizeof(ulong) + (words * sizeof(ulong)) + sizeof(uint) + sizeof(ushort));
        return 1 << BitOperations.Log2((ulong)Math.Max(1, bytes / bucket));
    }

    /// <summary>Writes who holds a block; nobody when it is not known.</summary>
    public void Read(ulong key, Span<ulong> holders)
    {
        var at = Find(key);
        if (at >= 0)
        {
            for (var word = 0; word < holders.Length; word++)
            {
                holders[word] = word < Words ? Volatile.Read(ref _holders[(at * Words) + word]) : 0;
            }

            if (Volatile.Read(ref _keys[at]) == key)
            {
                return;
            }
        }

        holders.Clear();
    }

    /// <summary>Whether there is nothing to write for a block.</summary>
    public bool IsHeld(ulong key, int slot, uint now)
    {
        var at = Find(key);
        return at >= 0 && _usedAt[at] == now && Holds(at, slot) && Volatile.Read(ref _keys[at]) == key;
    }

    /// <returns>Where a block stands, or -1.</returns>
    public int Find(ulong key)
    {
        var bucket = BucketOf(key);
        var at = _keys.AsSpan(bucket, Ways).IndexOf(key);
        return at < 0 ? -1 : bucket + at;
    }

    /// <returns>Where a new block can stand, or -1 when its bucket is full.</returns>
    public int FindFree(ulong key)
    {
        var bucket = BucketOf(key);
        var at = _keys.AsSpan(bucket, Ways).IndexOf(0UL);
        return at < 0 ? -1 : bucket + at;
    }

    /// <returns>Who of a block's bucket was longest unused.</returns>
    public int FindOldest(ulong key)
    {
        var bucket = BucketOf(key);
        var oldest = bucket;
        for (var at = bucket + 1; at < bucket + Ways; at++)
        {
            oldest = _usedAt[at] < _usedAt[oldest] ? at : oldest;
        }

        return oldest;
    }

    public bool IsTaken(int at) => _keys[at] != 0;

    public int LengthOf(int at) => _lengths[at];

    public uint UsedAt(int at) => _usedAt[at];

    public bool Holds(int at, int slot) =>
        slot / WordBits < Words && (Volatile.Read(ref _holders[(at * Words) + (slot / WordBits)]) >> (slot % WordBits) & 1) != 0;

    /// <summary>Puts a block that nobody holds yet into a free place.</summary>
    public void Put(int at, ulong key, int length)
    {
        _lengths[at] = (ushort)length;
        Volatile.Write(ref _keys[at], key);
    }

    /// <summary>Copies a block from another table into a free place.</summary>
    public void Put(int at, HolderRows other, int otherAt)
    {
        other.HoldersOf(otherAt)[..Math.Min(Words, other.Words)].CopyTo(HoldersOf(at));
        _usedAt[at] = other._usedAt[otherAt];
        Put(at, other._keys[otherAt], other._lengths[otherAt]);
    }

    public ulong KeyOf(int at) => _keys[at];

    public Span<ulong> HoldersOf(int at) => _holders.AsSpan(at * Words, Words);

    /// <returns>Whether the worker is new to the block.</returns>
    public bool Hold(int at, int slot, uint now)
    {
        _usedAt[at] = now;
        ref var word = ref _holders[(at * Words) + (slot / WordBits)];
        var before = word;
        Volatile.Write(ref word, before | (1UL << (slot % WordBits)));
        return word != before;
    }

    /// <summary>Takes a worker from a block that it holds; a block that nobody holds is gone.</summary>
    public void Release(int at, int slot)
    {
        HoldersOf(at)[slot / WordBits] &= ~(1UL << (slot % WordBits));
        if (!HoldersOf(at).ContainsAnyExcept(0UL))
        {
            Clear(at);
        }
    }

    public void Clear(int at)
    {
        Volatile.Write(ref _keys[at], 0);
        HoldersOf(at).Clear();
    }

    private int BucketOf(ulong key) => (int)(key & (uint)(Buckets - 1)) * Ways;
}
