using System.Runtime.InteropServices;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Events;

/// <summary>Takes the events of a batch into the index.</summary>
/// <remarks>Called for one batch at a time per instance; several instances may run at the same time.</remarks>
internal sealed class BatchApplier(EndpointCatalog catalog, BlockKeys keys, IndexerMetrics metrics, TimeProvider clock, ILogger<BatchApplier> logger)
{
    // As many as hide memory's latency, few enough that what came is still in the first cache when its turn comes.
    private const int Ahead = 16;

    private byte[][]?[] _extras = [];
    private int _stored;

    /// <summary>Applies what <paramref name="batch"/> still has to give. Its header was read.</summary>
    /// <param name="model">Whose blocks these are.</param>
    public void Apply(IndexedEndpoint endpoint, string model, ref KvEventBatchReader batch)
    {
        var root = keys.Root(model);
        var events = 0;
        while (batch.TryRead())
        {
            ref readonly var current = ref batch.Current;
            events++;
            lock (catalog.Gate)
            {
                switch (current.Kind)
                {
                    case KvEventKind.BlockStored:
                        Stored(endpoint, root, current);
                        break;
                    case KvEventKind.BlockRemoved:
                        Removed(endpoint, current);
                        break;
                    default:
                        endpoint.Blocks.Clear();
                        endpoint.Parked.Clear();
                        break;
                }
            }
        }

        metrics.Stored(_stored);
        _stored = 0;
        metrics.Events(events, batch.UnknownEvents, batch.MalformedEvents + (batch.Error == 0 ? 0 : 1));
    }

    private void Stored(IndexedEndpoint endpoint, ulong root, in KvEvent stored)
    {
        var tier = Tiers.OfMedium(stored.Medium);
        var group = stored.GroupIndex ?? 0;
        if (!endpoint.Groups.Counts(stored.GroupIndex, stored.SpecKind))
        {
            metrics.Skipped("group", stored.BlockHashes.Length);
            return;
        }

        if (stored.TokenIds.IsEmpty)
        {
            Moved(endpoint, tier, group, stored.BlockHashes);
            return;
        }

        if (!Fits(endpoint, stored))
        {
            return;
        }

        var extras = ReadExtras(stored);
        ulong parent;
        if (stored.ParentBlockHash is not { } parentHash)
        {
            parent = stored.LoraName.IsEmpty ? root : keys.Root(stored.LoraName);
        }
        else if (!endpoint.Blocks.TryResolve(parentHash, out parent))
        {
            metrics.Skipped("orphan_dropped", endpoint.Parked.Add(new StoredBlocks(
                stored.BlockHashes.ToArray(), parentHash, stored.TokenIds.ToArray(), extras.ToArray(), stored.BlockSize, tier, group,
                clock.GetUtcNow() + ParkedStores.Patience)));
            metrics.Skipped("orphan_parked", 1);
            return;
        }

        Chain(endpoint, tier, group, parent, stored.BlockSize, stored.BlockHashes, stored.TokenIds, extras);
        Unpark(endpoint, stored.BlockHashes);
    }

    private void Chain(
        IndexedEndpoint endpoint, Tier tier, int group, ulong parent, int engineBlockSize,
        ReadOnlySpan<ulong> hashes, ReadOnlySpan<int> tokens, ReadOnlySpan<byte[][]?> extras)
    {
        var parts = engineBlockSize / keys.BlockSize;
        var blocks = hashes.Length * parts;
        Span<(ulong Hash, ulong Key)> ahead = stackalloc (ulong, ulong)[Ahead];
        for (var first = 0; first < blocks; first += Ahead)
        {
            // An index is larger than the processor's caches: while the keys of a group are computed, memory brings what storing them will look at.
            var some = ahead[..Math.Min(Ahead, blocks - first)];
            for (var i = 0; i < some.Length; i++)
            {
                var (block, part) = Math.DivRem(first + i, parts);
                parent = Key(parent, tokens.Slice((first + i) * keys.BlockSize, keys.BlockSize), extras.IsEmpty ? null : extras[block]);
                some[i] = (PartHash.Of(hashes[block], part, parts), parent);
                endpoint.Blocks.Prefetch(tier, group, some[i].Hash, parent);
            }

            foreach (var (hash, key) in some)
            {
                catalog.Store(endpoint, tier, group, hash, key);
            }
        }

        _stored += blocks;
    }

    private static ulong Key(ulong parent, ReadOnlySpan<int> tokens, byte[][]? extras)
    {
        if (extras is null)
        {
            return BlockKeys.Next(parent, tokens);
        }

        var key = GrowingBlockKey.Begin(parent, tokens);
        foreach (var extra in extras)
        {
            key.AppendExtra(extra);
        }

        return key.Current;
    }

    // A child may have waited for a parent that waited itself.
    private void Unpark(IndexedEndpoint endpoint, ReadOnlySpan<ulong> stored)
    {
        if (endpoint.Parked.Count == 0)
        {
            return;
        }

        var arrived = new Queue<ulong>(stored.ToArray());
        while (arrived.TryDequeue(out var hash))
        {
            while (endpoint.Parked.Take(hash) is { } child)
            {
                if (endpoint.Blocks.TryResolve(hash, out var parent))
                {
                    Chain(endpoint, child.Tier, child.Group, parent, child.EngineBlockSize, child.Hashes, child.Tokens, child.Extras);
                    child.Hashes.ToList().ForEach(arrived.Enqueue);
                }
            }
        }
    }

    // An offload tier that names blocks by hash alone: what they hold was told before.
    private void Moved(IndexedEndpoint endpoint, Tier tier, int group, ReadOnlySpan<ulong> hashes)
    {
        var parts = endpoint.PartsPerBlock;
        foreach (var hash in hashes)
        {
            for (var part = 0; part < parts; part++)
            {
                var handle = PartHash.Of(hash, part, parts);
                if (endpoint.Blocks.TryResolve(handle, out var key))
                {
                    catalog.Store(endpoint, tier, group, handle, key);
                }
            }
        }
    }

    private void Removed(IndexedEndpoint endpoint, in KvEvent removed)
    {
        if (!endpoint.Groups.Counts(removed.GroupIndex, default))
        {
            return;
        }

        var tier = Tiers.OfMedium(removed.Medium);
        var parts = endpoint.PartsPerBlock;
        foreach (var hash in removed.BlockHashes)
        {
            _ = endpoint.Parked.Forget(hash);
            for (var part = 0; part < parts; part++)
            {
                endpoint.Blocks.Remove(tier, removed.GroupIndex ?? 0, PartHash.Of(hash, part, parts));
            }
        }

        metrics.Removed(removed.BlockHashes.Length * parts);
    }

    private bool Fits(IndexedEndpoint endpoint, in KvEvent stored)
    {
        if (stored.BlockSize <= 0 || stored.BlockSize % keys.BlockSize != 0)
        {
            metrics.Skipped("block_size", stored.BlockHashes.Length);
            if (!endpoint.ToldBlockSize)
            {
                endpoint.ToldBlockSize = true;
                Log.BlockSizeRefused(logger, endpoint.Name, stored.BlockSize, keys.BlockSize);
            }

            return false;
        }

        if (stored.TokenIds.Length != (long)stored.BlockHashes.Length * stored.BlockSize)
        {
            // Groups that keep only some of the blocks tell of holes; a prefix cannot have any.
            metrics.Skipped("sparse", stored.BlockHashes.Length);
            return false;
        }

        endpoint.PartsPerBlock = stored.BlockSize / keys.BlockSize;
        return true;
    }

    private Span<byte[][]?> ReadExtras(in KvEvent stored)
    {
        var extras = stored.ExtraKeys;
        if (extras.BlockCount == 0)
        {
            return [];
        }

        if (_extras.Length < stored.BlockHashes.Length)
        {
            _extras = new byte[][]?[stored.BlockHashes.Length];
        }

        var all = _extras.AsSpan(0, stored.BlockHashes.Length);
        all.Clear();
        var any = false;
        for (var block = 0; block < all.Length && extras.TryNextBlock(); block++)
        {
            all[block] = ReadBlock(ref extras, stored.LoraName);
            any |= all[block] is not null;
        }

        return any ? all : [];
    }

    // The adapter's name stands first on every block; here it chose the root of the chain already.
    private static byte[][]? ReadBlock(ref KvExtraKeys extras, ReadOnlySpan<byte> adapter)
    {
        List<byte[]>? found = null;
        var first = true;
        while (extras.TryNextKey(out var key, out _))
        {
            if (!first || adapter.IsEmpty || !key.SequenceEqual(adapter))
            {
                (found ??= []).Add(key.ToArray());
            }

            first = false;
        }

        return found is null ? null : CollectionsMarshal.AsSpan(found).ToArray();
    }
}
