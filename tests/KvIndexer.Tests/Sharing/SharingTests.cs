using System.Net;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Sharing;

/// <summary>Replicas that share through a real Redis what they learn by real events.</summary>
public sealed class SharingTests : IAsyncLifetime
{
    private const string Engine = "http://127.0.0.1:1";

    private readonly RedisServer _redis = new();

    public ValueTask InitializeAsync() => _redis.InitializeAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task WhatOneReplicaLearns_TheOtherScores_AndForgetsWhenTheEngineBeginsAnew()
    {
        RedisServer.SkipIfMissing();
        await using var publisher = EventPublisher.Bind();
        await using var follower = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await using var other = await RunningIndexer.StartAsync(_redis.Flags);
        await publisher.SubscribedAsync();

        publisher.Publish(7, 100, batch => batch.Store(1, 0, 4));
        await other.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 6));
        publisher.Publish(8, 101, batch =>
        {
            batch.Remove(1, 3);
            batch.Store(2, 0, 2, medium: "CPU");
        });
        await other.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 6));
        await other.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(2, 2));
        Assert.Equal(8, (await other.EndpointAsync()).GetProperty("sequence").GetInt32());

        publisher.Publish(0, 102, batch => batch.Store(3, 0, 1));
        await other.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(3, 1));
        await other.MatchesEventuallyAsync("", Blocks.Tokens(1, 6));
        Assert.Equal("", await follower.MatchesAsync(Blocks.Tokens(1, 6)));
    }

    [Fact]
    public async Task ARestartedReplica_KnowsAtOnce_AndGoesOnWithTheEvents()
    {
        RedisServer.SkipIfMissing();
        await using var publisher = EventPublisher.Bind();
        await using (var before = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags))
        {
            await publisher.SubscribedAsync();
            publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
            await before.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        }

        await using var after = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await after.ConnectedAsync();
        await after.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        // A handle that only the process before was told; published until the new subscription stands.
        await Eventually.TrueAsync(async () =>
        {
            publisher.Publish(1, 101, batch => batch.Remove(1, 3));
            return await after.MatchesAsync(Blocks.Tokens(1, 4)) == $"{Engine}=3";
        });

        var endpoint = await after.EndpointAsync();
        Assert.Equal((0, 0, true), (endpoint.GetProperty("gaps").GetInt32(), endpoint.GetProperty("restarts").GetInt32(), endpoint.GetProperty("trusted").GetBoolean()));
    }

    [Fact]
    public async Task RedisThatDies_LeavesScoresDegraded_AndGetsEverythingAgainWhenItComesBackEmpty()
    {
        RedisServer.SkipIfMissing();
        await using var publisher = EventPublisher.Bind();
        await using var follower = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await using var other = await RunningIndexer.StartAsync(_redis.Flags);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await other.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        Assert.False(await DegradedAsync(follower));

        var next = 1;
        using var enough = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            for (; !enough.IsCancellationRequested; next++)
            {
                publisher.Publish(next, 100 + next, batch => batch.Store(2 + (next % 50), 0, 3));
                await Task.Delay(1, CancellationToken.None);
            }
        });
        await _redis.KillAsync();
        await Eventually.TrueAsync(async () => await DegradedAsync(follower) && await DegradedAsync(other));

        Assert.Equal($"{Engine}=4", await follower.MatchesAsync(Blocks.Tokens(1, 4)));
        Assert.Equal($"{Engine}=4", await other.MatchesAsync(Blocks.Tokens(1, 4)));
        Assert.Equal(HttpStatusCode.OK, (await follower.Http.GetAsync("/health")).StatusCode);
        Assert.True((await follower.GetAsync("/v1/stats")).GetProperty("degraded").GetBoolean());
        Assert.Equal(0, await follower.MetricAsync("llmd_kvindexer_redis_connected"));
        await enough.CancelAsync();
        await load;
        publisher.Publish(next, 100 + next, batch => batch.Store(100, 0, 5));
        await follower.MatchesEventuallyAsync($"{Engine}=5", Blocks.Tokens(100, 5));

        await _redis.StartAsync();

        await other.MatchesEventuallyAsync($"{Engine}=5", Blocks.Tokens(100, 5));
        await Eventually.TrueAsync(async () => !await DegradedAsync(follower) && !await DegradedAsync(other));
        await using var third = await RunningIndexer.StartAsync(_redis.Flags);
        await third.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        Assert.Equal(1, await follower.MetricAsync("llmd_kvindexer_redis_connected"));
    }

    [Fact]
    public async Task AFollowerThatLeaves_IsReplacedByAnother_AndEachTrustsItsOwnEvents()
    {
        RedisServer.SkipIfMissing();
        await using var publisher = EventPublisher.Bind(replay: true);
        var first = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await first.ConnectedAsync();
        await using var second = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await second.ConnectedAsync();
        await using var reader = await RunningIndexer.StartAsync(_redis.Flags);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await reader.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        await second.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));

        await first.DisposeAsync();
        publisher.Publish(1, 101, batch => batch.Store(2, 0, 3));

        await reader.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(2, 3));
        Assert.Equal($"{Engine}=3", await second.MatchesAsync(Blocks.Tokens(2, 3)));
    }

    [Fact]
    public async Task RedisAwayAtStart_StartsDegraded_AndConnectsLater()
    {
        RedisServer.SkipIfMissing();
        await _redis.KillAsync();
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, args: _redis.Flags);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 4));
        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        Assert.True(await DegradedAsync(indexer));

        await _redis.StartAsync();

        await Eventually.TrueAsync(async () => !await DegradedAsync(indexer));
        await Eventually.TrueAsync(async () => (await _redis.AskAsync("KEYS llmd:kv:*:endpoint:*")).Contains("http://127.0.0.1:1@0", StringComparison.Ordinal));
    }

    private static async Task<bool> DegradedAsync(RunningIndexer indexer) =>
        (await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, token_ids = Blocks.Tokens(1, 1) })).GetProperty("degraded").GetBoolean();
}
