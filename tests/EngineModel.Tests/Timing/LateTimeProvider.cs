namespace LlmdAspire.EngineModel.Tests.Timing;

/// <summary>A clock whose one timer fires only when a test says so, however long it was due.</summary>
internal sealed class LateTimeProvider : TimeProvider
{
    private long _now = TimeSpan.TicksPerDay;
    private Action? _fire;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Elapse(TimeSpan time) => _now += time.Ticks;

    public void Fire() => _fire!();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _fire = () => callback(state);
        return new IdleTimer();
    }

    private sealed class IdleTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
