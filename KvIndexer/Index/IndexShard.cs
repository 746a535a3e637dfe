namespace LlmdAspire.KvIndexer.Index;

/// <summary>The part of the index that holds some of the keys: one table per tier, made when the tier appears.</summary>
/// <remarks>
/// One writer at a time, which brackets each change with <see cref="BeginWrite"/> and <see cref="EndWrite"/>. Readers take no lock: they read between two
/// looks at the version and begin again when it moved.
/// </remarks>
internal sealed class IndexShard
{
    private readonly BlockTable?[] _tables = new BlockTable?[Tiers.Count];
    private int _version;

    public BlockTable? this[Tier tier]
    {
        get => Volatile.Read(ref _tables[(int)tier]);
        set => Volatile.Write(ref _tables[(int)tier], value);
    }

    /// <summary>From here on readers know that what they see may be half done.</summary>
    public void BeginWrite() => _ = Interlocked.Increment(ref _version);

    public void EndWrite() => _ = Interlocked.Increment(ref _version);

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
        var row = table?.Find(key) ?? -1;
        var found = row < 0 ? default : table!.Rows.Read(row, mark: true);
        // A row may be narrower than the index for a moment while it is being widened.
        found[..Math.Min(found.Length, bits.Length)].CopyTo(bits);
        bits[Math.Min(found.Length, bits.Length)..].Clear();
    }

    private static void Merge(BlockTable? table, ulong key, Span<ulong> bits)
    {
        var row = table?.Find(key) ?? -1;
        if (row < 0)
        {
            return;
        }

        var found = table!.Rows.Read(row, mark: true);
        for (var i = 0; i < found.Length && i < bits.Length; i++)
        {
            bits[i] |= found[i];
        }
    }
}
