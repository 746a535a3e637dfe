namespace LlmdAspire.EngineModel;

/// <summary>Sequences by the time their next token is due; among equals, the one that was queued first.</summary>
internal sealed class DueQueue
{
    private readonly PriorityQueue<Sequence, Due> _queue = new(DueOrder.Instance);
    private long _order;

    public void Enqueue(Sequence sequence, long at) => _queue.Enqueue(sequence, new Due(at, _order++));

    /// <summary>When the earliest is due; false when none is queued.</summary>
    public bool TryPeek(out long at)
    {
        var any = _queue.TryPeek(out _, out var due);
        at = due.At;
        return any;
    }

    public Sequence Dequeue() => _queue.Dequeue();

    private readonly record struct Due(long At, long Order);

    private sealed class DueOrder : IComparer<Due>
    {
        public static DueOrder Instance { get; } = new();

        public int Compare(Due x, Due y) => x.At != y.At ? x.At.CompareTo(y.At) : x.Order.CompareTo(y.Order);
    }
}
