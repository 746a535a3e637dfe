using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Zmtp;

public sealed class RefusalPaceTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RefusalPace _pace;

    public RefusalPaceTests() => _pace = new RefusalPace(_time);

    [Fact]
    public void EachReason_IsToldOnceAMinute_AndTheNextLineCountsTheOthers()
    {
        Assert.Equal<string?>(["garbage", null, null, "too slow; turned away without a word before: 2", null], Tell("garbage", "garbage", "garbage", "too slow", "garbage"));

        _time.Advance(RefusalPace.Period);

        Assert.Equal<string?>(["garbage; turned away without a word before: 1", "too slow", null], Tell("garbage", "too slow", "garbage"));
    }

    [Fact]
    public void ReasonsThatPeersMakeUp_AreBounded()
    {
        var told = Tell([.. Enumerable.Range(0, 1000).Select(i => $"a command of {i} bytes")]);

        Assert.Equal(RefusalPace.MaxReasons, told.Count(line => line is not null));
    }

    private List<string?> Tell(params string[] reasons) => [.. reasons.Select(reason => _pace.MayTell(ref reason) ? reason : null)];
}
