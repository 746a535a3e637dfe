using LlmdAspire.Dashboard.Live;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Dashboard.Tests.Live;

public sealed class InterestTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Interest _interest;

    public InterestTests() => _interest = new Interest(_clock);

    [Fact]
    public void UntilShown_BeforeAnybodyLooked_Waits() => Assert.False(_interest.UntilShownAsync().IsCompleted);

    [Fact]
    public void UntilShown_LongAfterTheLastLook_WaitsForTheNext()
    {
        _interest.Show();
        _clock.Advance(Interest.Linger - TimeSpan.FromSeconds(1));
        Assert.True(_interest.UntilShownAsync().IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(1));
        var waiting = _interest.UntilShownAsync();
        Assert.False(waiting.IsCompleted);

        _interest.Show();
        Assert.True(waiting.IsCompleted);
    }

    [Fact]
    public void UntilShown_WhileSomebodyWatches_GoesOnForEver()
    {
        var first = _interest.Watch();
        var second = _interest.Watch();
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.True(_interest.UntilShownAsync().IsCompleted);

        first.Dispose();
        first.Dispose();
        Assert.Equal(1, _interest.Watchers);
        second.Dispose();
        _clock.Advance(Interest.Linger);

        Assert.False(_interest.UntilShownAsync().IsCompleted);
    }
}
