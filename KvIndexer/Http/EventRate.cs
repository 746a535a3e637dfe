namespace LlmdAspire.KvIndexer.Http;

/// <summary>Events a second over the last ten seconds or so. <see cref="Tick"/> is called once a second; one writer.</summary>
internal sealed class EventRate(IndexerMetrics metrics, TimeProvider clock)
{
    private const int Kept = 10;

    private readonly Queue<(long Events, long Timestamp)> _recent = new([(0, clock.GetTimestamp())]);
    private double _perSecond;

    public double PerSecond => Volatile.Read(ref _perSecond);

    public void Tick()
    {
        var (events, now) = (metrics.AllEvents, clock.GetTimestamp());
        var (before, then) = _recent.Peek();
        var seconds = clock.GetElapsedTime(then, now).TotalSeconds;
        Volatile.Write(ref _perSecond, seconds > 0 ? (events - before) / seconds : 0);
        _recent.Enqueue((events, now));
        if (_recent.Count > Kept)
        {
            _ = _recent.Dequeue();
        }
    }
}
