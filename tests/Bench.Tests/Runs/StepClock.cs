namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>A clock that a script sets, and that counts how often it was read: so the script knows when a chunk has been received.</summary>
internal sealed class StepClock : TimeProvider
{
    private long _ticks;
    private int _reads;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public int Reads => Volatile.Read(ref _reads);

    public void Set(double seconds) => Volatile.Write(ref _ticks, (long)Math.Round(seconds * TimeSpan.TicksPerSecond));

    public override long GetTimestamp()
    {
        var ticks = Volatile.Read(ref _ticks);
        Interlocked.Increment(ref _reads);
        return ticks;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(Volatile.Read(ref _ticks));
}
