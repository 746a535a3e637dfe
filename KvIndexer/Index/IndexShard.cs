using System.Runtime.CompilerServices;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>The part of the index that holds some of the keys: one table per tier, made when the tier appears.</summary>
/// <remarks>
/// One writer at a time, which brackets each change with <see cref="BeginWrite"/> and <see cref="EndWrite"/>. Readers take no lock: they read between two
/// looks at the version and begin again when it moved.
/// </remarks>
internal sealed class IndexShard
{
    /// <summary>Shards of an index.</summary>
    public const int Count = 8;

    private TierTables _tables;
    private int _version;

    /// <summary>The one of an index's shards that a key belongs to.</summary>
    public static IndexShard Of(IndexShard[] shards, ulong key) => shards[key % Count];

    public BlockTable? this[Tier tier]
    {
        get => Volatile.Read(ref _tables[(int)tier]);
        set => Volatile.Write(ref _tables[(int)tier], value);
    }

    /// <summary>From here on readers know that what they see may be half done.</summary>
    /// <remarks>No interlocked operation: there is one writer, and only the order of its writes matters. A full fence per change would wait for each change's memory.</remarks>
    public void BeginWrite()
    {
        _version++;
        Volatile.WriteBarrier();
    }

    public void EndWrite() => Volatile.Write(ref _version, _version + 1);

    /// <summary>Has memory bring what <see cref="Locate"/> or a write will look at.</summary>
    public void Prefetch(Tier tier, ulong key) => this[tier]?.Prefetch(key);

    /// <summary>Finds where a block's holders are written down and has memory bring them, for <see cref="View"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockPlace Locate(ulong key)
    {
        var version = Volatile.Read(ref _version);
        var elsewhere = Use(Tier.Speculative, key) >= 0 | Use(Tier.Cpu, key) >= 0 | Use(Tier.Storage, key) >= 0;
        var table = this[Tier.Gpu];
        var row = table?.Use(key) ?? BlockPlace.Nowhere;
        if (row >= 0)
        {
            table!.Rows.Prefetch(row);
        }

        return new BlockPlace(version, elsewhere ? BlockPlace.SeveralTiers : row);
    }

    /// <summary>The holders of a block that the GPU tier alone holds, where they lie; what was read of them counts only if <see cref="IsStill"/> says so afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ulong> View(BlockPlace place) => this[Tier.Gpu] is { } table ? table.Rows.Read(place.Row) : default;

    /// <summary>Whether nothing has been written since a block was located.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsStill(BlockPlace place)
    {
        Volatile.ReadBarrier();
        return (place.Version & 1) == 0 && Volatile.Read(ref _version) == place.Version;
    }

    /// <summary>Who holds a block.</summary>
    /// <param name="fast">Endpoints that hold it on the GPU, or will.</param>
    /// <param name="cpu">Endpoints that hold it in CPU memory; written only when the result is true.</param>
    /// <param name="storage">Likewise for storage.</param>
    /// <returns>Whether any slower tier holds it.</returns>
    public bool Read(ulong key, Span<ulong> fast, Span<ulong> cpu, Span<ulong> storage)
    {
        var wait = new SpinWait();
        while (true)
        {
            var version = Volatile.Read(ref _version);
            if ((version & 1) == 0)
            {
                var slower = ReadOnce(key, fast, cpu, storage);
                Volatile.ReadBarrier();
                if (Volatile.Read(ref _version) == version)
                {
                    return slower;
                }
            }

            // A write takes well under a microsecond, so the first spins are short.
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Use(Tier tier, ulong key) => this[tier]?.Use(key) ?? -1;

    private bool ReadOnce(ulong key, Span<ulong> fast, Span<ulong> cpu, Span<ulong> storage)
    {
        CopyRow(this[Tier.Gpu], key, fast);
        Merge(this[Tier.Speculative], key, fast);
        var (onCpu, onStorage) = (this[Tier.Cpu], this[Tier.Storage]);
        if (onCpu is null && onStorage is null)
        {
            return false;
        }

        CopyRow(onCpu, key, cpu);
        CopyRow(onStorage, key, storage);
        return true;
    }

    private static void CopyRow(BlockTable? table, ulong key, Span<ulong> bits)
    {
        var row = table?.Use(key) ?? -1;
        var found = row < 0 ? default : table!.Rows.Read(row);
        // A row may be narrower than the index for a moment while it is being widened.
        found[..Math.Min(found.Length, bits.Length)].CopyTo(bits);
        bits[Math.Min(found.Length, bits.Length)..].Clear();
    }

    private static void Merge(BlockTable? table, ulong key, Span<ulong> bits)
    {
        var row = table?.Use(key) ?? -1;
        if (row < 0)
        {
            return;
        }

        var found = table!.Rows.Read(row);
        for (var i = 0; i < found.Length && i < bits.Length; i++)
        {
            bits[i] |= found[i];
        }
    }

    // In place, because a lookup looks here for each block.
    [InlineArray(Tiers.Count)]
    private struct TierTables
    {
        private BlockTable? _first;
    }
}
