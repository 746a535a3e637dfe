using LlmdAspire.Protocols.Kubernetes;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;

namespace LlmdAspire.Protocols.Tests.Kubernetes;

/// <summary>Following objects through everything that an API server and the way to it may do.</summary>
public sealed class ResourceWatchTests : IAsyncLifetime
{
    private FakeApiServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeApiServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Events_FollowTheList_EachTakenUpOnce()
    {
        _server.Put("a", "1");
        await using var pods = new FollowedPods(_server);
        await pods.AreAsync("a=1");
        await _server.IsWatchedAsync();

        _server.Put("b", "1");
        _server.Put("a", "2");
        _server.Delete("a");

        await pods.AreAsync("b=1");
        Assert.Equal(["a=1", "a=1 b=1", "a=2 b=1", "b=1"], pods.Texts);
        Assert.Equal(["list", "watch"], _server.Calls.Select(call => call.Verb));
    }

    [Fact]
    public async Task NothingThere_IsKnownToBeNothing()
    {
        await using var pods = new FollowedPods(_server);

        await pods.AreAsync("");
    }

    [Fact]
    public async Task Selector_LeavesOutWhatDoesNotMatch_AndWhatNoLongerDoes()
    {
        _server.Put("a", "1");
        _server.Put("other", "1", app: "y");
        await using var pods = new FollowedPods(_server, labels: "app=x");
        await pods.AreAsync("a=1");
        await _server.IsWatchedAsync();

        _server.Put("b", "1");
        _server.Put("a", "1", app: "y");

        await pods.AreAsync("b=1");
        Assert.All(_server.Calls, call => Assert.Equal("app=x", call["labelSelector"]));
    }

    [Fact]
    public async Task LongLists_ComeInPages_AndAreOneState()
    {
        var all = Enumerable.Range(0, 7).Select(i => $"p{i}").ToList();
        all.ForEach(name => _server.Put(name, "1"));

        await using var pods = new FollowedPods(_server, FollowedPods.Impatient with { PageSize = 3 });

        await pods.AreAsync(string.Join(' ', all.Select(name => $"{name}=1")));
        _ = Assert.Single(pods.Texts);
        Assert.Equal(3, _server.Calls.Count(call => call.Verb == "list"));
    }

    [Fact]
    public async Task ListThatIsForgottenBetweenPages_IsAskedForWhole()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            _server.Put(name, "1");
        }

        _server.OnList = call =>
        {
            if (call["continue"] is not null)
            {
                _server.Cluster.Compact();
            }
        };
        await using var pods = new FollowedPods(_server, FollowedPods.Impatient with { PageSize = 2 });

        await pods.AreAsync("a=1 b=1 c=1");
        Assert.Equal(["2", "2", null], _server.Calls.Where(call => call.Verb == "list").Select(call => call["limit"]));
    }

    [Fact]
    public async Task StreamThatIsCutWithinAnEvent_IsTakenUpAtTheEventBefore()
    {
        await using var pods = new FollowedPods(_server);
        await _server.IsWatchedAsync();
        _server.Put("a", "1");
        await pods.AreAsync("a=1");

        _server.EndWatches("""{"type":"ADDED","object":{"metadata":{"name":"half""");
        await Eventually.TrueAsync(() => _server.Calls.Count(call => call.Verb == "watch") > 1);
        _server.Put("b", "1");

        await pods.AreAsync("a=1 b=1");
        Assert.Equal("1001", _server.Calls.Last()["resourceVersion"]);
        Assert.Equal(1, _server.Calls.Count(call => call.Verb == "list"));
        Assert.All(pods.States, state => Assert.Null(state.Fault));
    }

    [Fact]
    public async Task StreamThatBreaks_IsTakenUp_WithoutAWord()
    {
        await using var pods = new FollowedPods(_server);
        await _server.IsWatchedAsync();

        _server.BreakWatches();
        await Eventually.TrueAsync(() => _server.Calls.Count(call => call.Verb == "watch") > 1);
        _server.Put("a", "1");

        await pods.AreAsync("a=1");
        Assert.Equal(1, _server.Calls.Count(call => call.Verb == "list"));
        Assert.All(pods.States, state => Assert.Null(state.Fault));
    }

    [Fact]
    public async Task Bookmark_SaysWhereAQuietStreamIsTakenUp()
    {
        await using var pods = new FollowedPods(_server);
        await _server.IsWatchedAsync();
        // Of no interest to this watch, so that only a bookmark tells how far it is.
        _server.Cluster.Put(ClusterKind.Pod, "elsewhere", "a", ClusterObjects.Pod(null, new Dictionary<string, string>()));
        _server.Bookmark();
        _server.EndWatches();

        await Eventually.TrueAsync(() => _server.Calls.Count(call => call.Verb == "watch") > 1);

        var watches = _server.Calls.Where(call => call.Verb == "watch").ToList();
        Assert.Equal(("1000", "1001"), (watches[0]["resourceVersion"], watches[1]["resourceVersion"]));
        Assert.Equal("true", watches[0]["allowWatchBookmarks"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ForgottenVersion_ListsAnew_AndIsOneChange(bool byStatus)
    {
        _server.SaysGoneByStatus = byStatus;
        _server.Put("a", "1");
        _server.Put("b", "1");
        await using var pods = new FollowedPods(_server);
        await pods.AreAsync("a=1 b=1");
        await _server.IsWatchedAsync();

        await _server.StopAsync();
        _server.Delete("a");
        _server.Put("b", "2");
        _server.Put("c", "1");
        _server.Cluster.Compact();
        await _server.StartAgainAsync();

        await pods.AreAsync("b=2 c=1");
        Assert.Equal(["a=1 b=1", "b=2 c=1"], pods.Texts);
    }

    [Fact]
    public async Task ServerThatIsAway_LeavesWhatIsKnown_AndIsTakenUpWhenItIsBack()
    {
        _server.Put("a", "1");
        await using var pods = new FollowedPods(_server);
        await pods.AreAsync("a=1");

        await _server.StopAsync();
        await Eventually.TrueAsync(() => pods.Now!.Fault is not null);
        Assert.Equal("a=1", pods.Text);

        await _server.StartAgainAsync();
        await Eventually.TrueAsync(() => pods.Now!.Fault is null);
        _server.Put("b", "1");
        await pods.AreAsync("a=1 b=1");
        Assert.Equal(1, _server.Calls.Count(call => call.Verb == "list"));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Refusal_IsToldOnce_InTheServersWords_UntilItEnds(int status)
    {
        _server.Put("a", "1");
        _server.Refuses = _ => status;
        await using var pods = new FollowedPods(_server);
        await Eventually.TrueAsync(() => _server.Calls.Count > 4);

        var fault = Assert.Single(pods.States);
        Assert.Equal(($"{status} pods is refused by the test", false), (fault.Fault, fault.IsListed));

        _server.Refuses = _ => null;
        await pods.AreAsync("a=1");
        await Eventually.TrueAsync(() => pods.Now!.Fault is null);
    }

    // Rights for one but not the other: what was listed counts, and the fault does not come and go.
    [Fact]
    public async Task ListWithoutWatch_KeepsTheFault()
    {
        _server.Put("a", "1");
        _server.Refuses = call => call.Verb == "watch" ? 403 : null;
        await using var pods = new FollowedPods(_server);
        await Eventually.TrueAsync(() => _server.Calls.Count > 6);

        Assert.Equal(2, pods.States.Count);
        Assert.Equal(("a=1", "403 pods is refused by the test"), (pods.Text, pods.Now!.Fault));
    }

    [Theory]
    [InlineData("this is no JSON\n")]
    [InlineData("""{"type":"ADDED"}""" + "\n")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""" + "\n")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd has hiccups"}}""" + "\n")]
    public async Task EventThatCannotBeRead_ListsAnew(string line)
    {
        _server.Put("a", "1");
        await using var pods = new FollowedPods(_server);
        await pods.AreAsync("a=1");
        await _server.IsWatchedAsync();

        _server.EndWatches(line);
        await Eventually.TrueAsync(() => _server.Calls.Count(call => call.Verb == "watch") > 1);
        _server.Put("b", "1");

        await pods.AreAsync("a=1 b=1");
        Assert.Equal(["a=1", "a=1 b=1"], pods.Texts);
    }

    [Fact]
    public async Task KindsOfEventsThatComeLater_ArePassedOver()
    {
        await using var pods = new FollowedPods(_server);
        await _server.IsWatchedAsync();

        _server.EndWatches("""{"type":"RENAMED","object":{"metadata":{"name":"a","resourceVersion":"1000"}}}""" + "\n");
        _server.Put("b", "1");

        await pods.AreAsync("b=1");
        Assert.Equal(1, _server.Calls.Count(call => call.Verb == "list"));
    }

    [Fact]
    public async Task EndlessEvent_IsGivenUp()
    {
        await using var pods = new FollowedPods(_server, FollowedPods.Impatient with { MaxEventBytes = 1000 });
        await _server.IsWatchedAsync();

        _server.EndWatches(new string('x', 200_000));

        await Eventually.TrueAsync(() => pods.States.Any(state => state.Fault == "an event is longer than 1000 bytes"));
        _server.Put("b", "1");
        await pods.AreAsync("b=1");
    }

    [Fact]
    public async Task SlowStream_IsReadAsItComes()
    {
        _server.PieceBytes = 7;
        await using var pods = new FollowedPods(_server);
        await _server.IsWatchedAsync();

        _server.Put("a", "1");
        _server.Put("b", "1");

        await pods.AreAsync("a=1 b=1");
    }

    // Changes, cuts, losses of memory and absences in any order: in the end both sides agree, and nothing was told twice.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task WhateverHappens_BothSidesAgreeInTheEnd(int seed)
    {
        var random = new Random(seed);
        await using var pods = new FollowedPods(_server, FollowedPods.Impatient with { PageSize = 4 });
        for (var step = 0; step < 300; step++)
        {
            var name = $"p{random.Next(12):00}";
            switch (random.Next(20))
            {
                case < 10:
                    _server.Put(name, $"{step}");
                    break;
                case < 15:
                    _server.Delete(name);
                    break;
                case 15:
                    _server.EndWatches(random.Next(2) == 0 ? "" : """{"type":"DELETED","object":{"metadata":{"na""");
                    break;
                case 16:
                    _server.Cluster.Compact();
                    break;
                case 17 when random.Next(2) == 0:
                    _server.Bookmark();
                    break;
                case 17:
                    _server.BreakWatches();
                    break;
                case 18:
                    (_server.PieceBytes, _server.SaysGoneByStatus) = (random.Next(3) * 11, random.Next(2) == 0);
                    await Task.Delay(random.Next(5));
                    break;
                case 19 when random.Next(4) == 0:
                    await _server.StopAsync();
                    _server.Put(name, $"{step}");
                    await _server.StartAgainAsync();
                    break;
            }
        }

        _server.Put("last", "1");
        await pods.AreAsync(string.Join(' ', _server.Cluster.List(ClusterKind.Pod, "n").Items.Select(pod => $"{pod["metadata"]!["name"]}={pod["metadata"]!["labels"]!["v"]}")));
        Assert.Equal(pods.States.Count, pods.States.Zip(pods.States.Skip(1)).Count(pair => !pair.First.Equals(pair.Second)) + 1);
    }
}
