using LlmdAspire.EngineModel.Blocks;

namespace LlmdAspire.EngineModel.Transfer;

/// <summary>Blocks kept for other engines, each until it is released or its time is over.</summary>
/// <remarks>All leases last equally long, so the order in which they were made or extended is the order in which they end. Not thread-safe: used under the engine's lock.</remarks>
internal sealed class LeaseTable
{
    private readonly Dictionary<string, LinkedListNode<Lease>> _byId = [];
    private readonly LinkedList<Lease> _byEnd = new();

    public int Count => _byEnd.Count;

    /// <summary>When the first one ends; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextEnd => _byEnd.First?.Value.End ?? long.MaxValue;

    /// <summary>Keeps a table's blocks; false when the name is taken.</summary>
    public bool TryAdd(string id, BlockTable table, int tokens, long end)
    {
        if (_byId.ContainsKey(id))
        {
            return false;
        }

        var export = new KvExport(id, tokens, [.. table.Blocks.Select(block => block.Id)]);
        _byId.Add(id, _byEnd.AddLast(new Lease(export, table, end)));
        return true;
    }

    public KvExport? Find(string id) => _byId.GetValueOrDefault(id)?.Value.Export;

    /// <summary>Lets a lease last until <paramref name="end"/>.</summary>
    public KvExport? Extend(string id, long end)
    {
        if (!_byId.TryGetValue(id, out var node))
        {
            return null;
        }

        node.Value = node.Value with { End = end };
        _byEnd.Remove(node);
        _byEnd.AddLast(node);
        return node.Value.Export;
    }

    /// <summary>Ends a lease; the caller gives its blocks back.</summary>
    public bool TryTake(string id, out BlockTable table)
    {
        if (!_byId.Remove(id, out var node))
        {
            table = null!;
            return false;
        }

        _byEnd.Remove(node);
        table = node.Value.Table;
        return true;
    }

    /// <summary>Ends the lease that ends first.</summary>
    public BlockTable TakeFirst()
    {
        var lease = _byEnd.First!.Value;
        _ = TryTake(lease.Export.Id, out var table);
        return table;
    }

    private sealed record Lease(KvExport Export, BlockTable Table, long End);
}
