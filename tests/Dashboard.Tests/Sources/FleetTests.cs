using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Tests.Sources;

public sealed class FleetTests
{
    [Fact]
    public void Merge_TakesEachEngineOnce_InOrderOfRole_WithWhatEverySourceSays()
    {
        var members = Fleet.Merge(
            [Worker("http://d:1"), Worker("http://p:2", "prefill"), Worker("http://own:1")],
            [Candidate("http://d:1", "decode"), Candidate("http://p:1", "prefill", isAway: true), Candidate("http://p:2", "prefill"), Candidate("no url", "decode")],
            new Dictionary<string, IndexedEngine> { ["http://d:1@0"] = new(true, true, 0.001, 5, 0, 0) });

        Assert.Equal(
            ["http://p:1 prefill", "http://p:2 prefill", "http://d:1 decode", "http://own:1 regular"],
            members.Select(member => $"{member.Worker.Endpoint} {member.Worker.Role}"));
        Assert.Equal([false, true, true, true], members.Select(member => member.Worker.IsHealthy));
        Assert.Equal([null, null, 5, null], members.Select(member => member.Index?.Blocks));
        Assert.Null(members[3].Candidate);
    }

    private static Worker Worker(string url, string role = "regular") => new(url, new Uri(url), null, "m", role, IsHealthy: true, IsDraining: false, Load: 0);

    private static PickerEndpoint Candidate(string url, string role, bool isAway = false) => new(url, null, role, isAway, 0, default);
}
