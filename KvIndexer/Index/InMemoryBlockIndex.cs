using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>The index in this process: per tier a hash table from block key to one bit per endpoint.</summary>
/// <remarks>
/// Keys are spread over shards by their low bits, so that a reader who meets a writer is rare. A block costs its slot of 12 to 23 bytes, eight bytes for each 64
/// endpoints there are, and about three of overhead. While a table grows, its old copy lives until the garbage collector has run; that is one shard's worth.
/// </remarks>
internal sealed class InMemoryBlockIndex(ByteBudget budget) : IBlockIndex
{
    /// <summary>Endpoints there can be: their bits lie on the stack during a lookup.</summary>
    public const int MaxEndpoints = 4096;

    private readonly Lock _writing = new();
    private readonly IndexShard[] _shards = [.. Enumerable.Range(0, IndexShard.Count).Select(_ => new IndexShard())];
    private volatile int _words = 1;
    private long _blocks;

    public long Blocks => Interlocked.Read(ref _blocks);

    public long Bytes => Sum(table => table.Bytes);

    public bool TryStore(int endpoint, Tier tier, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(endpoint, MaxEndpoints);
        lock (_writing)
        {
            if (endpoint >= _words * 64 && !TryWiden((endpoint / 64) + 1))
            {
                return false;
            }

            var shard = Shard(key);
            var row = shard[tier]?.Find(key) ?? -1;
            if (row < 0 && !TryMakeRoom(shard, tier))
            {
                return false;
            }

            var table = shard[tier]!;
            if (row < 0)
            {
                CountBlock(shard, tier, key, 1);
            }

            shard.BeginWrite();
            row = row < 0 ? table.Add(key) : row;
            table.Rows.Row(row)[endpoint / 64] |= Bit(endpoint);
            shard.EndWrite();
            return true;
        }
    }

    public void Prefetch(Tier tier, ulong key) => Shard(key).Prefetch(tier, key);

    public void Remove(int endpoint, Tier tier, ulong key)
    {
        lock (_writing)
        {
            var shard = Shard(key);
            var table = shard[tier];
            var row = table?.Find(key) ?? -1;
            if (row >= 0 && endpoint < _words * 64)
            {
                ClearBit(endpoint, shard, tier, key, row);
            }
        }
    }

    public bool Holds(int endpoint, Tier tier, ulong key)
    {
        lock (_writing)
        {
            var table = Shard(key)[tier];
            var row = table?.Find(key) ?? -1;
            return row >= 0 && endpoint < _words * 64 && (table!.Rows.Row(row)[endpoint / 64] & Bit(endpoint)) != 0;
        }
    }

    public bool TakeReference(Tier tier, ulong key)
    {
        lock (_writing)
        {
            return Shard(key)[tier]?.TakeMark(key) ?? false;
        }
    }

    public void Lookup(ReadOnlySpan<ulong> keys, PrefixMatches matches)
    {
        var words = _words;
        matches.Begin(words * 64);
        new PrefixWalk(_shards, stackalloc ulong[PrefixWalk.Sets * words], matches).Run(keys);
    }

    public void Clear(int endpoint)
    {
        lock (_writing)
        {
            if (endpoint >= _words * 64)
            {
                return;
            }

            ForEachTable((shard, tier, table) =>
            {
                // One write for each key: readers, who begin again after a write, come through between them.
                foreach (var key in table.KeysOf(endpoint))
                {
                    ClearBit(endpoint, shard, tier, key, table.Find(key));
                }
            });
        }

        Compact();
    }

    public void Compact()
    {
        lock (_writing)
        {
            ForEachTable((shard, tier, table) =>
            {
                if (table.IsSparse)
                {
                    Replace(shard, tier, table.Rebuilt(_words));
                }
            });
        }
    }

    private void ClearBit(int endpoint, IndexShard shard, Tier tier, ulong key, int row)
    {
        var table = shard[tier]!;
        shard.BeginWrite();
        var bits = table.Rows.Row(row);
        bits[endpoint / 64] &= ~Bit(endpoint);
        var gone = !bits.ContainsAnyExcept(0UL);
        if (gone)
        {
            table.Remove(key);
        }

        shard.EndWrite();
        if (gone)
        {
            CountBlock(shard, tier, key, -1);
        }
    }

    private bool TryMakeRoom(IndexShard shard, Tier tier)
    {
        var table = shard[tier];
        if (table is null)
        {
            table = BlockTable.Empty(_words);
            if (!budget.TryTake(table.Bytes))
            {
                return false;
            }

            shard[tier] = table;
        }

        var grows = table.IsFull;
        var bytes = (grows ? table.GrowthBytes : 0) + table.Rows.GrowthBytes;
        if (bytes > 0 && !budget.TryTake(bytes))
        {
            return false;
        }

        if (grows)
        {
            // Readers go on in the old table meanwhile; it shares the rows.
            var larger = table.Grown();
            shard.BeginWrite();
            shard[tier] = larger;
            shard.EndWrite();
        }

        return true;
    }

    private bool TryWiden(int words)
    {
        var more = _blocks * 8L * (words - _words);
        if (budget.Used + more > budget.Limit)
        {
            return false;
        }

        ForEachTable((shard, tier, table) => Replace(shard, tier, table.Rebuilt(words)));
        _words = words;
        return true;
    }

    // A block held in two tiers is one block; one that is only expected is none yet.
    private void CountBlock(IndexShard shard, Tier tier, ulong key, int change)
    {
        if (tier == Tier.Speculative)
        {
            return;
        }

        for (var other = Tier.Gpu; other < Tier.Speculative; other++)
        {
            if (other != tier && shard[other] is { } table && table.Find(key) >= 0)
            {
                return;
            }
        }

        _blocks += change;
    }

    private void Replace(IndexShard shard, Tier tier, BlockTable rebuilt)
    {
        budget.GiveBack(shard[tier]!.Bytes - rebuilt.Bytes);
        shard.BeginWrite();
        shard[tier] = rebuilt;
        shard.EndWrite();
    }

    private void ForEachTable(Action<IndexShard, Tier, BlockTable> action)
    {
        foreach (var shard in _shards)
        {
            for (var tier = 0; tier < Tiers.Count; tier++)
            {
                if (shard[(Tier)tier] is { } table)
                {
                    action(shard, (Tier)tier, table);
                }
            }
        }
    }

    private long Sum(Func<BlockTable, long> value)
    {
        lock (_writing)
        {
            var sum = 0L;
            ForEachTable((_, _, table) => sum += value(table));
            return sum;
        }
    }

    private IndexShard Shard(ulong key) => IndexShard.Of(_shards, key);

    private static ulong Bit(int endpoint) => 1UL << (endpoint % 64);
}
