using System.Numerics;
using System.Runtime.InteropServices;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>A table of blocks of fixed size: key, who holds the block, when it was last used, how many bytes of text it is.</summary>
/// <remarks>
/// Eight places a bucket, and all of a bucket beside each other, so that one look at memory settles everything. One thread writes at a time; others
/// may read meanwhile and see a block or do not: a key goes before its place is used again, and is looked at once more after its holders were read.
/// </remarks>
internal sealed class HolderRows
{
    private const int Ways = 8;
    private const int WordBits = 64;

    // In words: eight times of use, and eight lengths.
    private const int TimesSize = Ways * sizeof(uint) / sizeof(ulong);
    private const int LengthsSize = Ways * sizeof(ushort) / sizeof(ulong);

    // By bucket: 8 keys, the holders of the first, of the second and so on, 8 times, 8 lengths.
    private readonly ulong[] _buckets;
    private readonly int _bucketSize;

    /// <param name="buckets">A power of two.</param>
    /// <param name="words">Of 64 workers each.</param>
    public HolderRows(int buckets, int words)
    {
        Buckets = buckets;
        Words = words;
        _bucketSize = SizeOf(words);
        _buckets = new ulong[buckets * _bucketSize];
    }

    public int Buckets { get; }

    public int Words { get; }

    public int Places => Buckets * Ways;

    /// <summary>The most buckets, a power of two, that so many bytes hold.</summary>
    public static int BucketsIn(long bytes, int words) =>
        1 << BitOperations.Log2((ulong)Math.Max(1, bytes / (SizeOf(words) * sizeof(ulong))));

    /// <summary>Writes who holds a block; nobody when it is not known.</summary>
    public void Read(ulong key, Span<ulong> holders)
    {
        var at = Find(key);
        if (at >= 0)
        {
            var known = HoldersOf(at);
            for (var word = 0; word < holders.Length; word++)
            {
                holders[word] = word < known.Length ? Volatile.Read(ref known[word]) : 0;
            }

            if (Volatile.Read(ref Key(at)) == key)
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
        return at >= 0 && UsedAt(at) == now && Holds(at, slot) && Volatile.Read(ref Key(at)) == key;
    }

    /// <returns>Where a block stands, or -1.</returns>
    public int Find(ulong key)
    {
        var bucket = BucketOf(key);
        var way = _buckets.AsSpan(bucket * _bucketSize, Ways).IndexOf(key);
        return way < 0 ? -1 : (bucket * Ways) + way;
    }

    /// <returns>Where a new block can stand, or -1 when its bucket is full.</returns>
    public int FindFree(ulong key)
    {
        var bucket = BucketOf(key);
        var way = _buckets.AsSpan(bucket * _bucketSize, Ways).IndexOf(0UL);
        return way < 0 ? -1 : (bucket * Ways) + way;
    }

    /// <returns>Who of a block's bucket was longest unused.</returns>
    public int FindOldest(ulong key)
    {
        var first = BucketOf(key) * Ways;
        var oldest = first;
        for (var at = first + 1; at < first + Ways; at++)
        {
            oldest = UsedAt(at) < UsedAt(oldest) ? at : oldest;
        }

        return oldest;
    }

    public bool IsTaken(int at) => Key(at) != 0;

    public ulong KeyOf(int at) => Key(at);

    public int LengthOf(int at) => Length(at);

    public uint UsedAt(int at) => Time(at);

    public Span<ulong> HoldersOf(int at) => _buckets.AsSpan((at / Ways * _bucketSize) + Ways + (at % Ways * Words), Words);

    public bool Holds(int at, int slot) => slot / WordBits < Words && (Volatile.Read(ref HoldersOf(at)[slot / WordBits]) >> (slot % WordBits) & 1) != 0;

    /// <summary>Puts a block that nobody holds yet into a free place.</summary>
    public void Put(int at, ulong key, int length)
    {
        Length(at) = (ushort)length;
        Volatile.Write(ref Key(at), key);
    }

    /// <summary>Copies a block from another table, of as many words or fewer, into a free place.</summary>
    public void Put(int at, HolderRows other, int otherAt)
    {
        other.HoldersOf(otherAt).CopyTo(HoldersOf(at));
        Time(at) = other.Time(otherAt);
        Put(at, other.KeyOf(otherAt), other.LengthOf(otherAt));
    }

    /// <returns>Whether the worker is new to the block.</returns>
    public bool Hold(int at, int slot, uint now)
    {
        Time(at) = now;
        ref var word = ref HoldersOf(at)[slot / WordBits];
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
        Volatile.Write(ref Key(at), 0);
        HoldersOf(at).Clear();
    }

    private static int SizeOf(int words) => (Ways * (1 + words)) + TimesSize + LengthsSize;

    private int BucketOf(ulong key) => (int)(key & (uint)(Buckets - 1));

    private ref ulong Key(int at) => ref _buckets[(at / Ways * _bucketSize) + (at % Ways)];

    private ref uint Time(int at) =>
        ref MemoryMarshal.Cast<ulong, uint>(_buckets.AsSpan((at / Ways * _bucketSize) + (Ways * (1 + Words)), TimesSize))[at % Ways];

    private ref ushort Length(int at) =>
        ref MemoryMarshal.Cast<ulong, ushort>(_buckets.AsSpan((at / Ways * _bucketSize) + (Ways * (1 + Words)) + TimesSize, LengthsSize))[at % Ways];
}
