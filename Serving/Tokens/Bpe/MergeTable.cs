using System.Numerics;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Which two tokens may become one, and which pair goes first. Written while it is built, then only read.</summary>
internal sealed class MergeTable
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // Open addressing; a pair is never all ones.
    private readonly ulong[] _pairs;
    private readonly long[] _merges;
    private readonly int _shift;

    /// <param name="count">How many merges will be added.</param>
    public MergeTable(int count)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));
        _pairs = new ulong[size];
        _merges = new long[size];
        _shift = 64 - BitOperations.Log2(size);
        Array.Fill(_pairs, ulong.MaxValue);
    }

    /// <summary>Rank and result of no merge; above every other.</summary>
    public const long None = long.MaxValue;

    /// <summary>Adds a merge; of a pair that is there already, the first stays.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        var pair = Pair(left, right);
        var slot = SlotOf(pair);
        if (_pairs[slot] == ulong.MaxValue)
        {
            _pairs[slot] = pair;
            _merges[slot] = ((long)rank << 32) | (uint)merged;
        }
    }

    /// <summary>Rank (upper half) and result (lower half) of merging two tokens, or <see cref="None"/>: the lower, the earlier.</summary>
    public long Find(int left, int right)
    {
        var pair = Pair(left, right);
        var slot = SlotOf(pair);
        return _pairs[slot] == pair ? _merges[slot] : None;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int SlotOf(ulong pair)
    {
        var slot = (int)((pair * Multiplier) >> _shift);
        while (_pairs[slot] != ulong.MaxValue && _pairs[slot] != pair)
        {
            slot = (slot + 1) & (_pairs.Length - 1);
        }

        return slot;
    }
}
