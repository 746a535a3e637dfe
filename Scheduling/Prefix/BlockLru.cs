namespace LlmdAspire.Scheduling.Prefix;

/// <summary>The blocks that one engine is believed to hold, the one longest unused first to go. Not thread-safe.</summary>
internal sealed class BlockLru
{
    private const int None = -1;

    private readonly Dictionary<ulong, int> _nodes = [];
    private readonly List<Node> _list = [];
    private int _newest = None;
    private int _oldest = None;

    public int Count => _nodes.Count;

    public IEnumerable<ulong> Blocks => _nodes.Keys;

    /// <summary>Notes that a block was used.</summary>
    /// <param name="evicted">The block that had to go, when the result says so.</param>
    /// <returns>Whether the block is new here, and whether another one went.</returns>
    public (bool Added, bool Evicted) Use(ulong block, int capacity, out ulong evicted)
    {
        evicted = 0;
        if (_nodes.TryGetValue(block, out var known))
        {
            Unlink(known);
            LinkNewest(known);
            return (false, false);
        }

        if (_nodes.Count < capacity)
        {
            _list.Add(new Node(block, None, None));
            LinkNewest(_list.Count - 1);
            _nodes.Add(block, _list.Count - 1);
            return (true, false);
        }

        var reused = _oldest;
        evicted = _list[reused].Block;
        _ = _nodes.Remove(evicted);
        Unlink(reused);
        _list[reused] = new Node(block, None, None);
        LinkNewest(reused);
        _nodes.Add(block, reused);
        return (true, true);
    }

    private void Unlink(int index)
    {
        var node = _list[index];
        if (node.Newer == None)
        {
            _newest = node.Older;
        }
        else
        {
            _list[node.Newer] = _list[node.Newer] with { Older = node.Older };
        }

        if (node.Older == None)
        {
            _oldest = node.Newer;
        }
        else
        {
            _list[node.Older] = _list[node.Older] with { Newer = node.Newer };
        }
    }

    private void LinkNewest(int index)
    {
        _list[index] = _list[index] with { Newer = None, Older = _newest };
        if (_newest != None)
        {
            _list[_newest] = _list[_newest] with { Newer = index };
        }

        _newest = index;
        _oldest = _oldest == None ? index : _oldest;
    }

    private readonly record struct Node(ulong Block, int Newer, int Older);
}
