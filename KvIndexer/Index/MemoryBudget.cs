namespace LlmdAspire.KvIndexer.Index;

/// <summary>Bytes that the index and the removal handles may take together. Thread-safe.</summary>
internal sealed class MemoryBudget(long limit)
{
    private long _used;

    public long Limit => limit;

    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes bytes if there are so many left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        _ = Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Notes a change that has happened already; negative bytes were given back.</summary>
    public void Note(long bytes) => _ = Interlocked.Add(ref _used, bytes);
}
