namespace LlmdAspire.Router.Bodies;

/// <summary>One bound, in bytes, for all request bodies held at the same time.</summary>
internal sealed class BufferBudget(long limit)
{
    private long _used;

    public long Limit => limit;

    /// <summary>Bytes held now.</summary>
    public long Used => Interlocked.Read(ref _used);

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
