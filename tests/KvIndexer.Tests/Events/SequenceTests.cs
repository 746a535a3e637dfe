using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Events;

/// <summary>What the indexer makes of the sequence of events, with and without a replay port, over real sockets.</summary>
public sealed class SequenceTests
{
    private const string Engine = "http://127.0.0.1:1";

    [Fact]
    public async Task Events_InOrder_FillAndEmptyTheIndex()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => batch.Store(prompt: 1, 0, 4));
        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 6));

        publisher.Publish(1, 101, batch => batch.Remove(prompt: 1, block: 3));
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 6));

        publisher.Publish(2, 102, batch => batch.AllBlocksCleared());
        await indexer.MatchesEventuallyAsync("", Blocks.Tokens(1, 6));
    }

    [Fact]
    public async Task Gap_WithoutReplay_DistrustsUntilTheWindowEnds()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, args: ["--stale-window", "2s"]);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));

        publisher.Publish(5, 101, batch => batch.Store(2, 0, 2));
        await indexer.SequenceAsync(5);

        var endpoint = await indexer.EndpointAsync();
        Assert.Equal((1, false), (endpoint.GetProperty("gaps").GetInt32(), endpoint.GetProperty("trusted").GetBoolean()));
        Assert.Equal($"{Engine}=4", await indexer.MatchesAsync(Blocks.Tokens(1, 4)));
        await Eventually.TrueAsync(async () => (await indexer.EndpointAsync()).GetProperty("trusted").GetBoolean());
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 4)));
        Assert.Equal($"{Engine}=2", await indexer.MatchesAsync(Blocks.Tokens(2, 2)));
    }

    [Fact]
    public async Task Gap_WithReplay_IsFilled()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await indexer.SequenceAsync(0);

        publisher.Sends = false;
        publisher.Publish(1, 101, batch => batch.Remove(1, 3));
        publisher.Publish(2, 102, batch => batch.Store(2, 0, 3));
        publisher.Sends = true;
        publisher.Publish(3, 103, batch => batch.Store(2, 3, 4));
        await indexer.SequenceAsync(3);

        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 4));
        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(2, 4));
        var endpoint = await indexer.EndpointAsync();
        Assert.Equal((1, true), (endpoint.GetProperty("gaps").GetInt32(), endpoint.GetProperty("trusted").GetBoolean()));
        Assert.Contains(1, publisher.Requests);
    }

    [Fact]
    public async Task Gap_ThatTheReplayCannotFill_DistrustsWhatWasKnown()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await indexer.SequenceAsync(0);

        publisher.ForgetBefore(10);
        publisher.Publish(10, 101, batch => batch.Store(2, 0, 2));
        await indexer.SequenceAsync(10);

        var endpoint = await indexer.EndpointAsync();
        Assert.False(endpoint.GetProperty("trusted").GetBoolean());
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(2, 2));
    }

    [Fact]
    public async Task Gap_WhoseReplayNobodyAnswers_IsNotWaitedForLong()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        publisher.Answers = false;
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await indexer.SequenceAsync(0);

        publisher.Publish(7, 101, batch => batch.Store(2, 0, 2));

        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(2, 2));
        Assert.False((await indexer.EndpointAsync()).GetProperty("trusted").GetBoolean());
    }

    [Fact]
    public async Task Restart_ForgetsWhatTheEngineHeld()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        publisher.Publish(1, 101, batch => batch.Store(2, 0, 4));

        publisher.Publish(0, 200, batch => batch.Store(3, 0, 1));
        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(3, 1));

        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 4)));
        var endpoint = await indexer.EndpointAsync();
        Assert.Equal((1, 0, true), (endpoint.GetProperty("restarts").GetInt32(), endpoint.GetProperty("gaps").GetInt32(), endpoint.GetProperty("trusted").GetBoolean()));
    }

    [Fact]
    public async Task Restart_WhoseBeginningWasMissed_IsRebuiltByReplay()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        for (var sequence = 0; sequence < 9; sequence++)
        {
            publisher.Publish(sequence, 100 + sequence, batch => batch.Store(sequence, 0, 2));
        }

        await indexer.SequenceAsync(8);
        publisher.ForgetBefore(long.MaxValue);
        publisher.Sends = false;
        publisher.Publish(0, 200, batch => batch.Store(30, 0, 3));
        publisher.Publish(1, 201, batch => batch.Store(31, 0, 3));
        publisher.Sends = true;
        publisher.Publish(2, 202, batch => batch.Store(30, 3, 4));

        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(30, 4));
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(31, 4));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(5, 2)));
        Assert.Equal(1, (await indexer.EndpointAsync()).GetProperty("restarts").GetInt32());
    }

    [Fact]
    public async Task Duplicate_IsIgnored()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));
        publisher.Publish(1, 101, batch => batch.Remove(1, 1));
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));
        publisher.Publish(2, 102, batch => batch.Store(2, 0, 1));
        await indexer.SequenceAsync(2);

        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(2, 1));
        Assert.Equal($"{Engine}=1", await indexer.MatchesAsync(Blocks.Tokens(1, 2)));
        var endpoint = await indexer.EndpointAsync();
        Assert.Equal((0, 0), (endpoint.GetProperty("restarts").GetInt32(), endpoint.GetProperty("gaps").GetInt32()));
    }

    [Fact]
    public async Task IndexerThatStartsLater_LearnsByReplayWhatIsCached()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        publisher.Publish(1, 101, batch => batch.Store(1, 4, 6));

        await using var indexer = await RunningIndexer.FollowAsync(publisher);

        await indexer.MatchesEventuallyAsync($"{Engine}=6", Blocks.Tokens(1, 6));
        Assert.Equal(0, (await indexer.EndpointAsync()).GetProperty("gaps").GetInt32());
    }

    [Fact]
    public async Task Reconnect_ByItself_IsNoGap()
    {
        var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));
        await indexer.SequenceAsync(0);
        await publisher.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await indexer.EndpointAsync()).GetProperty("connected").GetBoolean());

        await using var again = EventPublisher.Bind(events: publisher.Events);
        await again.SubscribedAsync();
        again.Publish(1, 101, batch => batch.Store(1, 2, 3));

        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 3));
        var endpoint = await indexer.EndpointAsync();
        Assert.Equal((0, 0, true), (endpoint.GetProperty("gaps").GetInt32(), endpoint.GetProperty("restarts").GetInt32(), endpoint.GetProperty("trusted").GetBoolean()));
    }

    [Fact]
    public async Task EngineThatComesBackEmptyAndSilent_IsForgottenThroughItsReplayPort()
    {
        var publisher = EventPublisher.Bind(replay: true);
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(1, 2));
        await publisher.DisposeAsync();

        await using var again = EventPublisher.Bind(replay: true, events: publisher.Events, replayAddress: publisher.Replay);

        await indexer.MatchesEventuallyAsync("", Blocks.Tokens(1, 2));
        Assert.Equal(1, (await indexer.EndpointAsync()).GetProperty("restarts").GetInt32());
    }

    [Fact]
    public async Task LiveTopic_TellsTheModelOfAReplayWithoutTopics_WhileTheEnginesHttpIsAway()
    {
        await using var publisher = EventPublisher.Bind(replay: true, topic: $"kv@127.0.0.1:1@{RunningIndexer.Model}");
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{Engine},events={publisher.Events},replay={publisher.Replay}");
        await publisher.SubscribedAsync();
        await Eventually.TrueAsync(() => publisher.Requests.Count > 0);

        publisher.Publish(1, 101, batch => batch.Store(1, 4, 6));

        await indexer.MatchesEventuallyAsync($"{Engine}=6", Blocks.Tokens(1, 6));
        Assert.Equal(0, (await indexer.EndpointAsync()).GetProperty("gaps").GetInt32());
    }

    [Fact]
    public async Task LiveEventsWithoutModel_AreTakenInOrder_OnceTheEnginesHttpIsThere()
    {
        await using var publisher = EventPublisher.Bind(replay: true);
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        var port = TestPorts.Free();
        var url = $"http://127.0.0.1:{port}";
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{url},events={publisher.Events},replay={publisher.Replay}");
        await publisher.SubscribedAsync();
        await Eventually.TrueAsync(() => publisher.Requests.Count > 0);
        publisher.Publish(1, 101, batch => batch.Store(1, 4, 6));
        publisher.Publish(2, 102, batch => batch.Remove(1, 5));
        publisher.Publish(3, 103, batch => batch.Store(2, 0, 2));

        await using var engine = await ScriptedEngine.StartAsync(port: port);

        await indexer.MatchesEventuallyAsync($"{url}=2", Blocks.Tokens(2, 2));
        Assert.Equal($"{url}=5", await indexer.MatchesAsync(Blocks.Tokens(1, 6)));
        Assert.Equal(0, (await indexer.EndpointAsync(url)).GetProperty("gaps").GetInt32());
    }
}
