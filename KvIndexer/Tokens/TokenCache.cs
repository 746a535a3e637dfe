namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Tokens of prompts and of beginnings of prompts, bounded in bytes; what was not used for longest goes first. Thread-safe.</summary>
/// <remarks>Keys are 128-bit hashes of text and model. The arrays are shared: nobody writes to them.</remarks>
internal sealed class TokenCache(long maxBytes)
{
    private const int EntryBytes = 160;

    private readonly Lock _lock = new();
    private readonly LinkedList<(UInt128 Key, int[] Tokens)> _recent = new();
    private readonly Dictionary<UInt128, LinkedListNode<(UInt128 Key, int[] Tokens)>> _entries = [];
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public bool TryGet(UInt128 key, out int[] tokens)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
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

    public void Put(UInt128 key, int[] tokens)
    {
        var size = SizeOf(tokens);
        lock (_lock)
        {
            if (size > maxBytes || _entries.ContainsKey(key))
            {
                return;
            }

            while (_bytes + size > maxBytes)
            {
                var oldest = _recent.Last!;
                _recent.RemoveLast();
                _ = _entries.Remove(oldest.Value.Key);
                _bytes -= SizeOf(oldest.Value.Tokens);
            }

            _entries.Add(key, _recent.AddFirst((key, tokens)));
            _bytes += size;
        }
    }

    private static long SizeOf(int[] tokens) => EntryBytes + (tokens.Length * 4L);
}
