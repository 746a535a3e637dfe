namespace LlmdAspire.Dashboard.State;

/// <summary>The last points of a chart; the oldest falls out. Not thread-safe.</summary>
internal sealed class History<T>
{
    // Two minutes at one a second: as much as a chart the width of a thumb can show.
    public const int Capacity = 120;

    private readonly Queue<T> _points = new(Capacity);

    public void Add(T point)
    {
        if (_points.Count == Capacity)
        {
            _points.Dequeue();
        }

        _points.Enqueue(point);
    }

    public IReadOnlyList<T> Snapshot() => [.. _points];
}
