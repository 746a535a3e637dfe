namespace LlmdAspire.EngineModel;

/// <summary>Sequences by the time their next token is due; among equals, the one that was queued first.</summary>
/// <remarks>A sequence that lost its place meanwhile is passed over when its turn comes.</remarks>
internal sealed class DueQueue
{
    private readonly PriorityQueue<Turn, Due> _queue = new(DueOrder.Instance);
    private long _order;

    public void Enqueue(Sequence sequence, long at) => _queue.Enqueue(new Turn(sequence, sequence.Placements), new Due(at, _order++));

    /// <summary>When the earliest is due; false when none is queued.</summary>
    public bool TryPeek(out long at)
    {
        while (_queue.TryPeek(out var turn, out var due))
        {
            if (turn.IsCurrent)
            {
                at = due.At;
                return true;
            }

            _ = _queue.Dequeue();
        }

        at = 0;
        return false;
    }

    /// <summary>The sequence that <see cref="TryPeek"/> has just told of.</summary>
    public Sequence Dequeue() => _queue.Dequeue().Sequence;

    private readonly record struct Turn(Sequence Sequence, int Placement)
    {
        public bool IsCurrent => Sequence.IsRunning && Sequence.Placements == Placement;
    }

    private readonly record struct Due(long At, long Order);

    private sealed class DueOrder : IComparer<Due>
    {
        public static DueOrder Instance { get; } = new();

        public int Compare(Due x, Due y) => x.At != y.At ? x.At.CompareTo(y.At) : x.Order.CompareTo(y.Order);
    }
}
