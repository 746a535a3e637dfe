using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>What one endpoint holds, by tier and KV-cache group, and what of it is doubtful since events were lost.</summary>
/// <remarks>
/// Keeps the index in step: a block has its bit there as long as it stands here. Not thread-safe; <see cref="EndpointCatalog"/> takes care of that.
/// </remarks>
internal sealed class EndpointBlocks(int endpoint, IBlockIndex index, ByteBudget budget)
{
    // A line that loses events all the time must not pile up generations.
    private const int MaxDoubtful = 4;

    private readonly List<(DateTimeOffset Until, List<HeldBlocks> Held)> _doubtful = [];
    private List<HeldBlocks> _held = [];

    /// <summary>Handles of all tiers: what <see cref="HandleBytes"/> is for.</summary>
    public int Count => AllHeld().Sum(held => held.Handles.Count);

    public long HandleBytes => AllHeld().Sum(held => held.Handles.Bytes);

    /// <summary>Whether some of it was known before events were lost.</summary>
    public bool IsDoubtful => _doubtful.Count > 0;

    /// <summary>Told of every change; null where nobody wants to know.</summary>
    public ChangeJournal? Journal { get; set; }

    /// <summary>Every block by its handle.</summary>
    public IEnumerable<KeyValuePair<BlockHandle, ulong>> All =>
        AllHeld().SelectMany(held => held.Handles.All.Select(block => KeyValuePair.Create(new BlockHandle(held.Tier, held.Group, block.Hash), block.Key)));

    /// <summary>Has memory bring what <see cref="TryStore"/> of this block will look at.</summary>
    public void Prefetch(Tier tier, int group, ulong hash, ulong key)
    {
        index.Prefetch(tier, key);
        Find(tier, group)?.Handles.Prefetch(hash);
    }

    /// <summary>Notes a block. False when there is no memory left for it; then nothing has changed.</summary>
    public bool TryStore(Tier tier, int group, ulong hash, ulong key)
    {
        if (!index.TryStore(endpoint, tier, key))
        {
            return false;
        }

        if (HeldIn(tier, group).TryAdd(hash, key))
        {
            Journal?.Stored(new BlockHandle(tier, group, hash), key);
            return true;
        }

        if (!IsHeld(tier, hash))
        {
            index.Remove(endpoint, tier, key);
        }

        return false;
    }

    /// <summary>Takes a block back; of unknown hashes, nothing.</summary>
    public void Remove(Tier tier, int group, ulong hash)
    {
        ulong? gone = null;
        foreach (var held in _held)
        {
            if (held.Tier == tier && held.Group == group && held.Handles.TryGet(hash, out _))
            {
                if (!held.Remove(hash, out var key))
                {
                    // Announced more often than removed.
                    return;
                }

                gone = key;
            }
        }

        // How often it was announced before events were lost does not matter any more: it is gone now.
        foreach (var held in _doubtful.SelectMany(old => old.Held))
        {
            gone = held.Tier == tier && held.Group == group && held.Forget(hash, out var key) ? key : gone;
        }

        if (gone is { } known)
        {
            index.Remove(endpoint, tier, known);
            Journal?.Removed(new BlockHandle(tier, group, hash));
        }
    }

    /// <summary>Whether a block is known by this very handle.</summary>
    public bool Knows(BlockHandle block) =>
        AllHeld().Any(held => held.Tier == block.Tier && held.Group == block.Group && held.Handles.TryGet(block.Hash, out _));

    /// <summary>Takes a block back however often it was announced.</summary>
    public void Forget(BlockHandle block)
    {
        foreach (var held in AllHeld())
        {
            if (held.Tier == block.Tier && held.Group == block.Group && held.Forget(block.Hash, out var key))
            {
                index.Remove(endpoint, block.Tier, key);
                Journal?.Removed(block);
            }
        }
    }

    /// <summary>The key of a block in any tier.</summary>
    public bool TryResolve(ulong hash, out ulong key)
    {
        foreach (var held in _held)
        {
            if (held.Handles.TryGet(hash, out key))
            {
                return true;
            }
        }

        foreach (var (_, old) in _doubtful)
        {
            foreach (var held in old)
            {
                if (held.Handles.TryGet(hash, out key))
                {
                    return true;
                }
            }
        }

        key = 0;
        return false;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (var held in AllHeld())
        {
            held.Clear();
        }

        _held = [];
        _doubtful.Clear();
        index.Clear(endpoint);
        Journal?.Cleared();
    }

    /// <summary>Events were lost: what is known now may be gone. It counts until a moment unless it is announced again.</summary>
    public void Doubt(DateTimeOffset until)
    {
        _doubtful.Add((until, _held));
        _held = [];
        if (_doubtful.Count > MaxDoubtful)
        {
            DropOldest();
        }
    }

    /// <summary>Forgets what is doubtful and whose time is over.</summary>
    public void DropDoubtful(DateTimeOffset now)
    {
        while (_doubtful.Count > 0 && _doubtful[0].Until <= now)
        {
            DropOldest();
        }
    }

    /// <summary>Forgets some blocks to save memory, first those that no lookup met since the last time.</summary>
    public void Evict(int count)
    {
        foreach (var held in AllHeld().OrderByDescending(held => held.Handles.Count))
        {
            // Everything may have been asked for: the second round takes what comes.
            for (var steps = held.Handles.Count * 2L; steps > 0 && count > 0 && held.Handles.TryNext(out var hash, out var key); steps--)
            {
                if (index.TakeReference(held.Tier, key) && steps > held.Handles.Count)
                {
                    continue;
                }

                _ = held.Forget(hash, out _);
                index.Remove(endpoint, held.Tier, key);
                Journal?.Removed(new BlockHandle(held.Tier, held.Group, hash));
                count--;
            }
        }
    }

    /// <summary>Gives back memory that the handles do not need.</summary>
    public void Trim()
    {
        foreach (var held in AllHeld())
        {
            held.Handles.Trim();
        }
    }

    private IEnumerable<HeldBlocks> AllHeld() => _doubtful.Count == 0 ? _held : _held.Concat(_doubtful.SelectMany(old => old.Held));

    private bool IsHeld(Tier tier, ulong hash) => AllHeld().Any(held => held.Tier == tier && held.Handles.TryGet(hash, out _));

    private HeldBlocks HeldIn(Tier tier, int group)
    {
        if (Find(tier, group) is { } known)
        {
            return known;
        }

        var added = new HeldBlocks(tier, group, budget);
        _held.Add(added);
        return added;
    }

    private HeldBlocks? Find(Tier tier, int group)
    {
        foreach (var held in _held)
        {
            if (held.Tier == tier && held.Group == group)
            {
                return held;
            }
        }

        return null;
    }

    private void DropOldest()
    {
        var old = _doubtful[0].Held;
        _doubtful.RemoveAt(0);
        foreach (var held in old)
        {
            foreach (var (hash, key) in held.Handles.All)
            {
                if (!IsHeld(held.Tier, hash))
                {
                    index.Remove(endpoint, held.Tier, key);
                }

                if (Journal is not null && new BlockHandle(held.Tier, held.Group, hash) is var handle && !Knows(handle))
                {
                    Journal.Removed(handle);
                }
            }

            held.Clear();
        }

        // An engine that began anew behind the gap may know the same blocks by other hashes.
        foreach (var held in AllHeld())
        {
            foreach (var (_, key) in held.Handles.All)
            {
                _ = index.TryStore(endpoint, held.Tier, key);
            }
        }
    }
}
