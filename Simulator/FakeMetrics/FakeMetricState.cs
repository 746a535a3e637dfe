namespace LlmdAspire.Simulator.FakeMetrics;

/// <summary>The invented metrics of one engine, if it has any: they then stand in the place of its own.</summary>
/// <remarks>Thread-safe. Functions of time begin when the set is changed.</remarks>
internal sealed class FakeMetricState(FakeMetricSet? set, TimeSpan refreshInterval, TimeProvider time)
{
    private volatile Since? _since = set is null ? null : new Since(set, time.GetTimestamp());

    /// <summary>How often functions of time move on, in ticks, so that it can be swapped at once.</summary>
    private long _refreshTicks = refreshInterval.Ticks;

    public TimeSpan RefreshInterval
    {
        get => new(Interlocked.Read(ref _refreshTicks));
        set => Interlocked.Exchange(ref _refreshTicks, value.Ticks);
    }

    /// <summary>Null where the engine tells its own metrics.</summary>
    public FakeMetricSet? Set
    {
        get => _since?.Set;
        set => _since = value is null ? null : new Since(value, time.GetTimestamp());
    }

    /// <summary>The set and how long its functions have run, in whole refresh intervals.</summary>
    public (FakeMetricSet Set, TimeSpan Elapsed)? Now
    {
        get
        {
            if (_since is not { } since)
            {
                return null;
            }

            var elapsed = time.GetElapsedTime(since.Timestamp);
            var interval = RefreshInterval;
            return (since.Set, interval > TimeSpan.Zero ? new TimeSpan(elapsed.Ticks / interval.Ticks * interval.Ticks) : elapsed);
        }
    }

    private sealed record Since(FakeMetricSet Set, long Timestamp);
}
