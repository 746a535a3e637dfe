namespace LlmdAspire.KvIndexer.Events;

/// <summary>Stores whose parent is unknown, kept for a short time in case it is announced after them. Not thread-safe.</summary>
/// <remarks>At most <see cref="MaxBytes"/> an endpoint; beyond that, and after <see cref="Patience"/>, the oldest go.</remarks>
internal sealed class ParkedStores
{
    public const long MaxBytes = 1 << 20;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LinkedList<StoredBlocks> _all = new();
    private readonly Dictionary<ulong, int> _parents = [];
    private readonly Dictionary<ulong, int> _hashes = [];
    private long _bytes;

    public int Count => _all.Count;

    /// <summary>Keeps one.</summary>
    /// <returns>How many had to go for it.</returns>
    public int Add(StoredBlocks stored)
    {
        _ = _all.AddLast(stored);
        _bytes += stored.Bytes;
        Change(_parents, stored.Parent, 1);
        foreach (var hash in stored.Hashes)
        {
            Change(_hashes, hash, 1);
        }

        var dropped = 0;
        while (_bytes > MaxBytes)
        {
            Drop(_all.First!);
            dropped++;
        }

        return dropped;
    }

    /// <summary>Takes out one that waits for this hash.</summary>
    public StoredBlocks? Take(ulong parent) =>
        _parents.ContainsKey(parent) ? Drop(Find(stored => stored.Parent == parent)) : null;

    /// <summary>A block was removed before its parent came: what it stood in will not be stored.</summary>
    public bool Forget(ulong hash) => _hashes.ContainsKey(hash) && Drop(Find(stored => stored.Hashes.Contains(hash))) is not null;

    /// <summary>Gives up those whose time is over.</summary>
    /// <returns>How many.</returns>
    public int DropLate(DateTimeOffset now)
    {
        var dropped = 0;
        while (_all.First is { } oldest && oldest.Value.Until <= now)
        {
            _ = Drop(oldest);
            dropped++;
        }

        return dropped;
    }

    public void Clear()
    {
        _all.Clear();
        _parents.Clear();
        _hashes.Clear();
        _bytes = 0;
    }

    private LinkedListNode<StoredBlocks> Find(Func<StoredBlocks, bool> matches)
    {
        var node = _all.First!;
        while (!matches(node.Value))
        {
            node = node.Next!;
        }

        return node;
    }

    private StoredBlocks Drop(LinkedListNode<StoredBlocks> node)
    {
        _all.Remove(node);
        _bytes -= node.Value.Bytes;
        Change(_parents, node.Value.Parent, -1);
        foreach (var hash in node.Value.Hashes)
        {
            Change(_hashes, hash, -1);
        }

        return node.Value;
    }

    private static void Change(Dictionary<ulong, int> counts, ulong hash, int change)
    {
        var count = counts.GetValueOrDefault(hash) + change;
        if (count == 0)
        {
            _ = counts.Remove(hash);
        }
        else
        {
            counts[hash] = count;
        }
    }
}
