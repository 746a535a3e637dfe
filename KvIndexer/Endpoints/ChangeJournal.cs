namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>What changed of an endpoint's blocks and has not been passed on yet: the last word on each block. Not thread-safe; kept under the catalog's lock.</summary>
/// <remarks>At most <see cref="MaxChanges"/>, and no more than all journals together may; beyond that it is <see cref="IsOverfull"/> and keeps nothing: whoever passes changes on must pass on the whole state.</remarks>
/// <param name="space">What all journals may keep together.</param>
/// <param name="changed">Told at each change; returns soon.</param>
internal sealed class ChangeJournal(ChangeSpace space, Action changed)
{
    public const int MaxChanges = 1 << 15;

    private readonly Dictionary<BlockHandle, ulong?> _last = [];
    private bool _cleared;

    public bool IsOverfull { get; private set; }

    public bool IsEmpty => _last.Count == 0 && !_cleared;

    public void Stored(BlockHandle block, ulong key) => Note(block, key);

    public void Removed(BlockHandle block) => Note(block, null);

    /// <summary>Everything is gone; what was noted before does not matter any more.</summary>
    public void Cleared()
    {
        Drop();
        _cleared = true;
        changed();
    }

    /// <summary>Takes out some changes.</summary>
    /// <param name="cleared">Whether everything known before goes first.</param>
    public List<KeyValuePair<BlockHandle, ulong?>> Take(int most, out bool cleared)
    {
        cleared = _cleared;
        _cleared = false;
        var taken = _last.Take(most).ToList();
        taken.ForEach(change => _last.Remove(change.Key));
        space.Left += taken.Count;
        return taken;
    }

    /// <summary>Forgets what it holds.</summary>
    public void Drop()
    {
        space.Left += _last.Count;
        _last.Clear();
    }

    private void Note(BlockHandle block, ulong? key)
    {
        if (IsOverfull)
        {
            return;
        }

        var before = _last.Count;
        _last[block] = key;
        space.Left -= _last.Count - before;
        if (_last.Count > MaxChanges || space.Left < 0)
        {
            IsOverfull = true;
            Drop();
        }

        changed();
    }
}

/// <summary>Changes that all journals may still keep.</summary>
internal sealed class ChangeSpace
{
    public int Left { get; set; } = 1 << 18;
}
