namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Tokens of prompts and of beginnings of prompts, bounded in bytes; what was not used for longest goes first. Thread-safe.</summary>
/// <remarks>Keys are 128-bit hashes (<see cref="PromptKey"/>). The arrays are shared: nobody writes to them.</remarks>
internal sealed class TokenCache(long maxBytes, TimeProvider clock)
{
    private const int EntryBytes = 160;

    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _recent = new();
    private readonly Dictionary<UInt128, LinkedListNode<Entry>> _entries = [];
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Finds an entry that was put there no longer ago than <paramref name="maxAge"/>.</summary>
    public bool TryGet(UInt128 key, TimeSpan maxAge, out int[] tokens)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node) || clock.GetElapsedTime(node.Value.PutAt) > maxAge)
            {
                tokens = [];
                return false;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            tokens = node.Value.Tokens;
            return true;
        }
    }

    /// <summary>Adds an entry, or replaces it.</summary>
    public void Put(UInt128 key, int[] tokens)
    {
        var entry = new Entry(key, tokens, clock.GetTimestamp());
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                Remove(old);
            }

            if (entry.Bytes > maxBytes)
            {
                return;
            }

            while (_bytes + entry.Bytes > maxBytes)
            {
                Remove(_recent.Last!);
            }

            _entries.Add(key, _recent.AddFirst(entry));
            _bytes += entry.Bytes;
        }
    }

    /// <summary>Makes an entry the first to go when room is needed.</summary>
    public void Demote(UInt128 key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _recent.Remove(node);
                _recent.AddLast(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _recent.Remove(node);
        _ = _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry(UInt128 Key, int[] Tokens, long PutAt)
    {
        public long Bytes => EntryBytes + (Tokens.Length * 4L);
    }
}
