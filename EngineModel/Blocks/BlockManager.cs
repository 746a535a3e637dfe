using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Blocks;

/// <summary>The blocks of one engine: who uses which, what each holds, and which goes first when room is needed.</summary>
/// <param name="blocks">Blocks the engine has; each takes memory here only once it was used.</param>
/// <param name="observer">Told of every change; null for nobody.</param>
/// <remarks>
/// A block that nobody uses keeps its content until it is taken for something else, least recently used first and, of one sequence, the
/// last block first. When two sequences compute the same block at once, the cache knows the first one only. Not thread-safe: used under the engine's lock.
/// </remarks>
internal sealed class BlockManager(int blocks, IKvCacheObserver? observer)
{
    private readonly List<KvBlock> _all = [];
    private readonly LinkedList<KvBlock> _free = new();
    private readonly Dictionary<BlockDigest, KvBlock> _cached = [];

    public int Total { get; } = blocks;

    /// <summary>Blocks that nobody uses, whether or not they still hold something.</summary>
    public int Free => Total - _all.Count + _free.Count;

    public int Used => Total - Free;

    /// <summary>Content that can be found, for tests to compare with what was published.</summary>
    internal IReadOnlyCollection<BlockDigest> Cached => _cached.Keys;

    /// <summary>Blocks that were ever used, for tests to count.</summary>
    internal IReadOnlyList<KvBlock> All => _all;

    /// <summary>How many of <paramref name="digests"/>, from the first on, are there.</summary>
    public int CountHits(ReadOnlySpan<BlockDigest> digests)
    {
        var hits = 0;
        while (hits < digests.Length && _cached.ContainsKey(digests[hits]))
        {
            hits++;
        }

        return hits;
    }

    /// <summary>Fills an empty table with the cached blocks of <paramref name="hits"/> and new ones after them; all or nothing.</summary>
    /// <param name="blocks">How many blocks the table has then.</param>
    /// <param name="room">How many it must have room for, those included.</param>
    public bool TryFill(BlockTable table, ReadOnlySpan<BlockDigest> hits, int blocks, int room)
    {
        var idleHits = 0;
        foreach (var digest in hits)
        {
            idleHits += _cached[digest].References == 0 ? 1 : 0;
        }

        if (room - hits.Length + idleHits > Free)
        {
            return false;
        }

        foreach (var digest in hits)
        {
            var block = _cached[digest];
            Use(block);
            table.Blocks.Add(block);
        }

        table.Settled = hits.Length;
        return TryGrow(table, blocks);
    }

    /// <summary>Adds blocks until the table has <paramref name="blocks"/>; all or nothing.</summary>
    public bool TryGrow(BlockTable table, int blocks)
    {
        var more = blocks - table.Blocks.Count;
        if (more > Free)
        {
            return false;
        }

        for (; more > 0; more--)
        {
            table.Blocks.Add(TakeOldest());
        }

        return true;
    }

    /// <summary>Makes the blocks of <paramref name="digests"/>, which have been computed, findable where they are not yet.</summary>
    /// <param name="digests">The table's content from its first block on.</param>
    /// <param name="content">Tells what the blocks hold, for whoever follows the cache.</param>
    public void Settle(BlockTable table, ReadOnlySpan<BlockDigest> digests, IBlockContent content)
    {
        var end = Math.Min(digests.Length, table.Blocks.Count);
        var from = table.Settled;
        for (var i = from; i < end; i++)
        {
            if (_cached.TryAdd(digests[i], table.Blocks[i]))
            {
                table.Blocks[i].Digest = digests[i];
                continue;
            }

            Announce(digests, from, i, content);
            from = i + 1;
        }

        Announce(digests, from, end, content);
        table.Settled = Math.Max(table.Settled, end);
    }

    /// <summary>Gives all blocks of a table back.</summary>
    public void Release(BlockTable table)
    {
        // From the end: a beginning is shared more often than what follows it, so it stays longer.
        for (var i = table.Blocks.Count - 1; i >= 0; i--)
        {
            Unuse(table.Blocks[i]);
        }

        table.Blocks.Clear();
        table.Settled = 0;
    }

    /// <summary>Forgets all content, unless some block is in use.</summary>
    public bool TryReset()
    {
        if (Used > 0)
        {
            return false;
        }

        foreach (var block in _cached.Values)
        {
            block.Digest = null;
        }

        _cached.Clear();
        observer?.Cleared();
        return true;
    }

    private void Announce(ReadOnlySpan<BlockDigest> digests, int from, int end, IBlockContent content)
    {
        if (from < end && observer is not null)
        {
            observer.Stored(digests[from..end], from == 0 ? null : digests[from - 1], from, content);
        }
    }

    private void Use(KvBlock block)
    {
        if (block.References++ == 0)
        {
            _free.Remove(block.FreePlace);
        }
    }

    private void Unuse(KvBlock block)
    {
        if (--block.References > 0)
        {
            return;
        }

        if (block.Digest is null)
        {
            // One without content is no loss and goes first.
            _free.AddFirst(block.FreePlace);
        }
        else
        {
            _free.AddLast(block.FreePlace);
        }
    }

    private KvBlock TakeOldest()
    {
        if (_all.Count < Total && (_free.First is null || _free.First.Value.Digest is not null))
        {
            // One that was never used costs no content.
            var fresh = new KvBlock(_all.Count) { References = 1 };
            _all.Add(fresh);
            return fresh;
        }

        var block = _free.First!.Value;
        Use(block);
        if (block.Digest is { } digest)
        {
            _ = _cached.Remove(digest);
            block.Digest = null;
            observer?.Removed(digest);
        }

        return block;
    }
}
