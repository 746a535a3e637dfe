namespace LlmdAspire.Epp.ExtProc;

/// <summary>How many bytes of request bodies may be held, one by one and all together. Thread-safe.</summary>
internal sealed class BodyBudget(long perBody, long total)
{
    private long _held;

    public long PerBody => perBody;

    public long Held => Volatile.Read(ref _held);

    /// <summary>Takes room for more bytes; false when there is none.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= total)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _held, -bytes);
}
