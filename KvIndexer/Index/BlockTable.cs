using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>A hash table from block key to a row of endpoint bits: open addressing, linear probing, no tombstones.</summary>
/// <remarks>
/// One writer at a time. A reader may run at any time and must discard what it read when the owner's version has changed meanwhile; it meets
/// no exception and no endless loop then. Keys are hashes already, so their high bits choose the slot. A slot takes 12 bytes and at least 53 % of them are in use
/// after growth, so a block costs 12 to 23 bytes besides its row. Readers mark the slots they use; a mark lost to a race with the writer costs nothing.
/// </remarks>
internal sealed class BlockTable
{
    private const int Smallest = 8;
    private const double MaxLoad = 0.8;
    private const double Growth = 1.5;

    private readonly Slot[] _slots;

    private BlockTable(int capacity, BlockRows rows)
    {
        _slots = new Slot[capacity];
        Rows = rows;
    }

    public static BlockTable Empty(int words) => new(Smallest, new BlockRows(words));

    public BlockRows Rows { get; }

    public int Count { get; private set; }

    public long Bytes => (_slots.Length * 12L) + 24 + Rows.Bytes;

    /// <summary>Whether another key needs a larger table.</summary>
    public bool IsFull => Count + 1 > _slots.Length * MaxLoad;

    /// <summary>Bytes that the larger table takes more.</summary>
    public long GrowthBytes => (Larger - _slots.Length) * 12L;

    /// <summary>Whether a new table of the same content would be much smaller.</summary>
    public bool IsSparse => _slots.Length > Smallest && Count < _slots.Length * 0.4;

    private int Larger => (int)(_slots.Length * Growth);

    /// <summary>The row of a key, or -1.</summary>
    public int Find(ulong key)
    {
        ref var slot = ref SlotOf(key);
        return Unsafe.IsNullRef(ref slot) ? -1 : slot.Row - 1;
    }

    /// <summary>The row of a key that somebody asks for, or -1.</summary>
    public int Use(ulong key)
    {
        ref var slot = ref SlotOf(key);
        if (Unsafe.IsNullRef(ref slot))
        {
            return -1;
        }

        var marked = slot.MarkedRow;
        if (marked > 0)
        {
            // Compared, because a racing writer may have put another row here, or none.
            _ = Interlocked.CompareExchange(ref slot.MarkedRow, marked | Slot.Mark, marked);
        }

        return (marked & ~Slot.Mark) - 1;
    }

    /// <summary>Whether a key was asked for since the last time somebody asked this.</summary>
    public bool TakeMark(ulong key)
    {
        ref var slot = ref SlotOf(key);
        var was = !Unsafe.IsNullRef(ref slot) && slot.MarkedRow < 0;
        if (was)
        {
            slot.MarkedRow &= ~Slot.Mark;
        }

        return was;
    }

    /// <summary>Has memory bring the slot of a key that will be looked for soon.</summary>
    public void Prefetch(ulong key)
    {
        var slots = _slots;
        CacheLine.Prefetch(in slots[Home(key, slots.Length)].Key);
    }

    /// <summary>The row of a key that is not there yet; the table must not be full.</summary>
    public int Add(ulong key)
    {
        var row = Rows.Take();
        Place(key, row + 1);
        return row;
    }

    public void Remove(ulong key)
    {
        var at = Home(key, _slots.Length);
        while (_slots[at].MarkedRow != 0 && _slots[at].Key != key)
        {
            at = at + 1 == _slots.Length ? 0 : at + 1;
        }

        if (_slots[at].MarkedRow == 0)
        {
            return;
        }

        Rows.Return(_slots[at].Row - 1);
        Count--;
        CloseHole(at);
    }

    /// <summary>The same content with more room; the rows are shared.</summary>
    public BlockTable Grown() => CopyTo(new BlockTable(Larger, Rows));

    /// <summary>The same content in rows of another width or in as little memory as it needs.</summary>
    public BlockTable Rebuilt(int words)
    {
        var copy = new BlockTable(Math.Max(Smallest, (int)(Count / MaxLoad * 1.1) + 1), new BlockRows(words));
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.MarkedRow != 0)
            {
                var bits = Rows.Row(slot.Row - 1);
                bits.CopyTo(copy.Rows.Row(copy.Add(slot.Key)));
            }
        }

        return copy;
    }

    /// <summary>Keys whose row has an endpoint's bit.</summary>
    public List<ulong> KeysOf(int endpoint)
    {
        var (word, bit) = (endpoint / 64, 1UL << (endpoint % 64));
        var keys = new List<ulong>();
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.MarkedRow != 0 && (Rows.Row(slot.Row - 1)[word] & bit) != 0)
            {
                keys.Add(slot.Key);
            }
        }

        return keys;
    }

    private BlockTable CopyTo(BlockTable other)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.MarkedRow != 0)
            {
                other.Place(slot.Key, slot.MarkedRow);
            }
        }

        return other;
    }

    // A null reference when the key is not there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotOf(ulong key)
    {
        var slots = _slots;
        var at = Home(key, slots.Length);
        // The bound matters only to a reader that races a writer; otherwise an empty slot comes first.
        for (var steps = 0; steps < slots.Length; steps++)
        {
            ref var slot = ref slots[at];
            if (slot.MarkedRow == 0)
            {
                break;
            }

            if (slot.Key == key)
            {
                return ref slot;
            }

            at = at + 1 == slots.Length ? 0 : at + 1;
        }

        return ref Unsafe.NullRef<Slot>();
    }

    private void Place(ulong key, int markedRow)
    {
        var at = Home(key, _slots.Length);
        while (_slots[at].MarkedRow != 0)
        {
            at = at + 1 == _slots.Length ? 0 : at + 1;
        }

        _slots[at].Key = key;
        _slots[at].MarkedRow = markedRow;
        Count++;
    }

    // Moves later entries of the same run forward, so that no search ends early at the hole.
    private void CloseHole(int hole)
    {
        var at = hole;
        while (true)
        {
            at = at + 1 == _slots.Length ? 0 : at + 1;
            if (_slots[at].MarkedRow == 0)
            {
                _slots[hole] = default;
                return;
            }

            var home = Home(_slots[at].Key, _slots.Length);
            var fits = hole <= at ? home <= hole || home > at : home <= hole && home > at;
            if (fits)
            {
                _slots[hole] = _slots[at];
                hole = at;
            }
        }
    }

    private static int Home(ulong key, int capacity) => (int)Math.BigMul(key, (ulong)capacity, out _);

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Slot
    {
        public const int Mark = int.MinValue;

        public ulong Key;

        /// <summary>One more than the row's number, so that an untouched slot is an empty one; with the mark when a reader was here.</summary>
        public int MarkedRow;

        public readonly int Row => MarkedRow & ~Mark;
    }
}
