using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.Why;

namespace LlmdAspire.Dashboard.Tests.Why;

public sealed class RequestPathTests
{
    private static readonly PickerDecision s_separate = Decisions.Read(Decisions.Json((0, 0), (0, 1), "separate"));
    private static readonly PickerDecision s_alone = Decisions.Read(Decisions.Json((0, 1984), (1, 1), "skipped"));

    [Fact]
    public void Of_AFinishedRequest_SaysWhatEachStationTook()
    {
        var path = RequestPath.Of(Decisions.Row(prefill: Decisions.Prefill0, cached: 0), s_separate, explanation: null, Decisions.Names);

        Assert.Equal(["router done", "picker done", "indexer done", "prefill done", "decode done"], Stations(path));
        Assert.Equal([100, 0.8125, 0.4205, 40, 59.1875], path.Select(step => step.TookMs!.Value), (one, other) => Math.Abs(one - other) < 1e-9);
        Assert.Equal("prefill-0", path[3].Name);
        Assert.Equal("0 tokens cached, as expected", path[3].Note);
    }

    [Fact]
    public void Of_ARequestOnItsWay_FollowsIt()
    {
        var explained = new Explanation("cmpl-1", Decisions.Decode1, Decisions.Prefill0, "epp", "chosen by the endpoint picker", []);

        Assert.Empty(RequestPath.Of(row: null, decision: null, explanation: null, Decisions.Names));
        Assert.Equal(
            ["router running", "picker done", "indexer done", "prefill running", "decode waiting"],
            Stations(RequestPath.Of(row: null, s_separate, explanation: null, Decisions.Names)));
        Assert.Equal(
            ["router running", "picker done", "indexer done", "prefill done", "decode running"],
            Stations(RequestPath.Of(row: null, s_separate, explained, Decisions.Names)));
    }

    [Fact]
    public void Of_ARequestWithoutPrefill_SaysThatItWasSkipped_AndComparesTheCacheWithWhatWasExpected()
    {
        var path = RequestPath.Of(Decisions.Row(cached: 1968), s_alone, explanation: null, Decisions.Names);

        Assert.Equal(["router done", "picker done", "indexer done", "prefill skipped", "decode done"], Stations(path));
        Assert.EndsWith("1,968 tokens cached, 1,984 expected", path[4].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ARequestThatFailedOrFellBack_ShowsWhere()
    {
        var fallback = Decisions.Read(Decisions.Json((0, 0), (0, 1), "separate", source: "approximate", fallback: "unavailable"));
        var late = Decisions.Read(Decisions.Json((0, 0), (0, 1), source: "approximate", fallback: "timeout"));

        Assert.Equal(
            ["router failed", "picker done", "indexer failed", "prefill failed", "decode failed"],
            Stations(RequestPath.Of(Decisions.Row(status: 502), fallback, explanation: null, Decisions.Names)));
        Assert.Equal(["router done", "picker done", "indexer late", "decode done"], Stations(RequestPath.Of(Decisions.Row(), late, explanation: null, Decisions.Names)));
    }

    [Fact]
    public void Of_ARequestOfTheRoutersOwnPolicy_HasNoPicker()
    {
        var explained = new Explanation("cmpl-1", Decisions.Decode1, null, "round_robin", "next in turn", []);

        var path = RequestPath.Of(Decisions.Row(), decision: null, explained, Decisions.Names);

        Assert.Equal(["router done", "decode done"], Stations(path));
        Assert.Equal("answered 200 · policy round_robin", path[0].Note);
    }

    private static IEnumerable<string> Stations(IReadOnlyList<PathStep> path) => path.Select(step => $"{step.Step} {step.State}");
}
