namespace LlmdAspire.ServiceDefaults;

/// <summary>One bound, in bytes, for everything of a kind that is held at the same time. Thread-safe, without locks.</summary>
public sealed class ByteBudget(long limit)
{
    private long _used;

    public long Limit => limit;

    /// <summary>Bytes held now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes bytes if there are so many left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _used, -bytes);
}
