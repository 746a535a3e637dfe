using System.Runtime.CompilerServices;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>An engine's block hashes and the block keys they stand for: what a removal, a parent or a tier update refers to.</summary>
/// <remarks>
/// Open addressing with linear probing; 16 bytes a slot, at least 71 % of them in use after growth: below 23 bytes a block. Not thread-safe.
/// </remarks>
internal sealed class HandleMap(ByteBudget budget)
{
    public const int SlotBytes = 16;
    private const int SlotsPerLine = CacheLine.Words * sizeof(ulong) / SlotBytes;
    private const int Smallest = 4;
    private const double MaxLoad = 0.85;
    private const double Growth = 1.2;

    private (ulong Hash, ulong Key)[] _slots = [];
    private int _hand;

    public int Count { get; private set; }

    public long Bytes => (long)_slots.Length * SlotBytes;

    public bool TryGet(ulong hash, out ulong key)
    {
        var at = Find(hash);
        key = at < 0 ? 0 : _slots[at].Key;
        return at >= 0;
    }

    /// <summary>Has memory bring the slots where a handle that will be added soon may lie.</summary>
    public void Prefetch(ulong hash)
    {
        var slots = _slots;
        if (slots.Length > 0)
        {
            var home = Home(hash);
            CacheLine.Prefetch(in slots[home].Key);
            // A search in vain passes some ten slots in a table this full; what follows these lines the processor fetches by itself.
            CacheLine.Prefetch(in slots[Math.Min(home + SlotsPerLine, slots.Length - 1)].Key);
        }
    }

    /// <summary>Adds a handle unless it is there already.</summary>
    /// <remarks>One search finds both the handle and the place for it: in a table as full as this one, a search in vain is most of the work.</remarks>
    public HandleAddition TryAdd(ulong hash, ulong key)
    {
        var slots = _slots;
        if (slots.Length > 0)
        {
            var at = Home(hash);
            while (slots[at].Key != 0)
            {
                if (slots[at].Hash == hash)
                {
                    return HandleAddition.Known;
                }

                at = at + 1 == slots.Length ? 0 : at + 1;
            }

            if (Count + 1 <= slots.Length * MaxLoad)
            {
                slots[at] = (hash, Stored(key));
                Count++;
                return HandleAddition.Added;
            }
        }

        if (!TryResize(Math.Max(slots.Length + Smallest, (int)(slots.Length * Growth))))
        {
            return HandleAddition.NoMemory;
        }

        Place(hash, Stored(key));
        Count++;
        return HandleAddition.Added;
    }

    public bool Remove(ulong hash, out ulong key)
    {
        var at = Find(hash);
        key = at < 0 ? 0 : _slots[at].Key;
        if (at >= 0)
        {
            RemoveAt(at);
        }

        return at >= 0;
    }

    /// <summary>The next handle to consider for forgetting; false when there is none.</summary>
    /// <remarks>
    /// The hand jumps by about 0.62 of the table instead of walking: emptying one stretch after the other would crowd the rest beyond its load.
    /// </remarks>
    public bool TryNext(out ulong hash, out ulong key)
    {
        (hash, key) = (0, 0);
        if (Count == 0)
        {
            return false;
        }

        _hand = (int)((_hand + (long)(_slots.Length * 0.6180339887) + 1) % _slots.Length);
        while (_slots[_hand].Key == 0)
        {
            _hand = Next(_hand);
        }

        (hash, key) = _slots[_hand];
        return true;
    }

    /// <summary>All handles, in no order. The map must not change meanwhile.</summary>
    public IEnumerable<(ulong Hash, ulong Key)> All => _slots.Where(slot => slot.Key != 0);

    /// <summary>Gives back memory that the handles do not need.</summary>
    public void Trim()
    {
        var fitting = Count == 0 ? 0 : (int)(Count / MaxLoad) + Smallest;
        if (fitting < _slots.Length * 0.95)
        {
            _ = TryResize(fitting);
        }
    }

    /// <summary>Forgets all handles.</summary>
    public void Clear()
    {
        budget.GiveBack(Bytes);
        _slots = [];
        Count = 0;
        _hand = 0;
    }

    private bool TryResize(int capacity)
    {
        if (!budget.TryTake((capacity - _slots.Length) * (long)SlotBytes))
        {
            return false;
        }

        var old = _slots;
        _slots = new (ulong, ulong)[capacity];
        _hand = 0;
        foreach (var (hash, key) in old)
        {
            if (key != 0)
            {
                Place(hash, key);
            }
        }

        return true;
    }

    private void Place(ulong hash, ulong key)
    {
        var slots = _slots;
        var at = Home(hash);
        while (slots[at].Key != 0)
        {
            at = at + 1 == slots.Length ? 0 : at + 1;
        }

        slots[at] = (hash, key);
    }

    private int Find(ulong hash)
    {
        if (Count == 0)
        {
            return -1;
        }

        for (var at = Home(hash); _slots[at].Key != 0; at = Next(at))
        {
            if (_slots[at].Hash == hash)
            {
                return at;
            }
        }

        return -1;
    }

    private void RemoveAt(int hole)
    {
        Count--;
        for (var at = Next(hole); _slots[at].Key != 0; at = Next(at))
        {
            var home = Home(_slots[at].Hash);
            if (hole <= at ? home <= hole || home > at : home <= hole && home > at)
            {
                _slots[hole] = _slots[at];
                hole = at;
            }
        }

        _slots[hole] = default;
    }

    private int Next(int at) => at + 1 == _slots.Length ? 0 : at + 1;

    // Engines may send hashes that are no hashes at all (tests count 1, 2, 3), so their bits are spread first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(ulong hash) => (int)Math.BigMul(hash * 0x9E3779B97F4A7C15, (ulong)_slots.Length, out _);

    // Zero marks an empty slot. One key in 2^64 is moved by one, which costs that block its match.
    private static ulong Stored(ulong key) => key == 0 ? 1 : key;
}
