using Aspire.Hosting;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Hosting.Tests;

public sealed class RestartBackoffTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Delays_DoubleUpToHalfAMinute()
    {
        var backoff = new RestartBackoff(_time);

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 8).Select(_ => backoff.NextDelay().TotalSeconds));
    }

    [Fact]
    public void AMinuteOfRunning_MakesTheDelayShortAgain()
    {
        var backoff = new RestartBackoff(_time);
        backoff.NextDelay();
        backoff.NextDelay();

        backoff.Started();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0.5, backoff.NextDelay().TotalSeconds);
    }

    [Fact]
    public void ACrashSoonAfterTheStart_KeepsTheDelayGrowing()
    {
        var backoff = new RestartBackoff(_time);
        backoff.NextDelay();

        backoff.Started();
        _time.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(1, backoff.NextDelay().TotalSeconds);
    }
}
