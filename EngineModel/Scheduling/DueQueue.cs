namespace LlmdAspire.EngineModel.Scheduling;

/// <summary>Steps and copies under way by the time they end; among equals, the one that began first.</summary>
internal sealed class DueQueue
{
    private readonly PriorityQueue<Step, Due> _queue = new(DueOrder.Instance);
    private long _order;

    /// <summary>When the earliest ends; <see cref="long.MaxValue"/> when none is under way.</summary>
    public long Next => _queue.TryPeek(out _, out var due) ? due.At : long.MaxValue;

    public void Enqueue(Step step, long at) => _queue.Enqueue(step, new Due(at, _order++));

    /// <summary>The one that <see cref="Next"/> tells of.</summary>
    public Step Dequeue() => _queue.Dequeue();

    /// <summary>Takes one out before its end; those under way are few.</summary>
    public void Remove(Step step) => _ = _queue.Remove(step, out _, out _);

    private readonly record struct Due(long At, long Order);

    private sealed class DueOrder : IComparer<Due>
    {
        public static DueOrder Instance { get; } = new();

        public int Compare(Due x, Due y) => x.At != y.At ? x.At.CompareTo(y.At) : x.Order.CompareTo(y.Order);
    }
}
