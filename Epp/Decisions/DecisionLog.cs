namespace LlmdAspire.Epp.Decisions;

/// <summary>The latest decisions; the oldest goes when a new one comes. Thread-safe, without locks.</summary>
internal sealed class DecisionLog
{
    public const int Capacity = 1024;

    private readonly Decision?[] _ring = new Decision?[Capacity];
    private long _count;

    public void Add(Decision decision)
    {
        var index = Interlocked.Increment(ref _count) - 1;
        Volatile.Write(ref _ring[index % Capacity], decision);
    }

    /// <summary>Newest first.</summary>
    public IEnumerable<Decision> Latest()
    {
        var end = Volatile.Read(ref _count);
        for (var index = end - 1; index >= 0 && index >= end - Capacity; index--)
        {
            if (Volatile.Read(ref _ring[index % Capacity]) is { } decision)
            {
                yield return decision;
            }
        }
    }
}
