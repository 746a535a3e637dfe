using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Events;

/// <summary>What single events do, over real sockets.</summary>
public sealed class EventRuleTests
{
    private const string Engine = "http://127.0.0.1:1";

    [Theory]
    [InlineData(KvEventForm.Map)]
    [InlineData(KvEventForm.Array)]
    public async Task BothForms_SayTheSame(KvEventForm form)
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => { batch.Store(1, 0, 3); batch.Store(2, 0, 2); batch.Remove(1, 2); }, form: form);

        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(2, 2));
        Assert.Equal($"{Engine}=2", await indexer.MatchesAsync(Blocks.Tokens(1, 3)));
    }

    [Fact]
    public async Task Orphan_WaitsForItsParent()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => { batch.Store(1, 3, 5); batch.Store(1, 2, 3); batch.Store(2, 1, 2); batch.Remove(2, 1); });
        await indexer.SequenceAsync(0);
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 5)));
        publisher.Publish(1, 101, batch => { batch.Store(1, 0, 2); batch.Store(2, 0, 1); });

        await indexer.MatchesEventuallyAsync($"{Engine}=5", Blocks.Tokens(1, 5));
        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(2, 2));
    }

    [Fact]
    public async Task Tiers_AreCountedApartAndWeighted()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch =>
        {
            batch.Store(1, 0, 4);
            // Offload tiers name blocks by hash alone.
            batch.BlockStored(new KvBlockStored { BlockHashes = [Blocks.Hash(1, 1), Blocks.Hash(1, 2), 999_999], BlockSize = 0, Medium = "cpu" });
            batch.BlockStored(new KvBlockStored { BlockHashes = [Blocks.Hash(1, 3)], BlockSize = 0, Medium = "FS" });
            batch.Remove(1, 2);
            batch.Remove(1, 3);
        });

        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 4));
        var match = (await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, token_ids = Blocks.Tokens(1, 4) })).GetProperty("matches")[0];
        Assert.Equal("""{"gpu":2,"cpu":1,"storage":1}""", match.GetProperty("tiers").GetRawText());
        Assert.Equal((64, 3.3), (match.GetProperty("tokens").GetInt32(), match.GetProperty("score").GetDouble()));

        publisher.Publish(1, 101, batch => batch.Remove(1, 2, "CPU"));
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(1, 4));
    }

    [Fact]
    public async Task BlockAnnouncedTwice_GoesWithTheSecondRemoval()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => { batch.Store(1, 0, 2); batch.Store(1, 0, 2); batch.Remove(1, 1); });
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(1, 2));
        publisher.Publish(1, 101, batch => batch.Remove(1, 1));

        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(1, 2));
    }

    [Fact]
    public async Task LoraAndSalt_KeepPromptsApart()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch =>
        {
            batch.Store(1, 0, 2, lora: "poet", extras: [[ExtraKey.Text("poet"), ExtraKey.Text("tenant")], [ExtraKey.Text("poet")]]);
            batch.Store(2, 0, 2, extras: [[ExtraKey.Text("tenant")], null]);
            batch.Store(3, 0, 2);
        });
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(3, 2));

        Assert.Equal($"{Engine}=2", await indexer.MatchesAsync(Blocks.Tokens(1, 2), lora: "poet", salt: "tenant"));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 2), lora: "poet"));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 2), salt: "tenant"));
        Assert.Equal($"{Engine}=2", await indexer.MatchesAsync(Blocks.Tokens(2, 2), salt: "tenant"));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(2, 2)));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(3, 2), model: "another"));
    }

    [Fact]
    public async Task HybridModel_CountsItsFullAttentionGroupOnly()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch =>
        {
            batch.Store(1, 0, 3, group: 0, kind: "full_attention");
            batch.Store(1, 0, 3, group: 1, kind: "sliding_window");
            batch.Store(2, 0, 3, group: 1, kind: "sliding_window");
            // A kind once told holds for the group's later events.
            batch.Store(3, 0, 3, group: 1);
            batch.Remove(1, 0, group: 1);
            batch.Store(4, 0, 1, group: 0);
        });
        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(4, 1));

        Assert.Equal($"{Engine}=3", await indexer.MatchesAsync(Blocks.Tokens(1, 3)));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(2, 3)));
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(3, 3)));
    }

    [Fact]
    public async Task LargerEngineBlocks_AreTakenAsSeveralOfOurs()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => { batch.Store(1, 0, 2, size: 64); batch.Store(1, 2, 3, size: 64); });
        await indexer.MatchesEventuallyAsync($"{Engine}=12", Blocks.Tokens(1, 3, size: 64));
        Assert.Equal($"{Engine}=5", await indexer.MatchesAsync(Blocks.Tokens(1, 3, size: 64)[..90]));
        publisher.Publish(1, 101, batch => batch.Remove(1, 1));

        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 3, size: 64));
    }

    [Fact]
    public async Task BlockSizeThatDoesNotFit_IsRefusedAndCounted()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => { batch.Store(1, 0, 4, size: 8); batch.Store(2, 0, 1); });
        await indexer.MatchesEventuallyAsync($"{Engine}=1", Blocks.Tokens(2, 1));

        Assert.Contains("""llmd_kvindexer_skipped_total{reason="block_size"} 4""", await indexer.Http.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Garbage_CostsOnlyItself()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.PublishRaw(0, [0xc1, 0xff, 0x00]);
        publisher.PublishRaw(0, []);
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));

        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(1, 2));
        Assert.Contains("""llmd_kvindexer_events_total{result="malformed"} 2""", await indexer.Http.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Ranks_AreEndpointsOfTheirOwn()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => batch.Store(1, 0, 3), rank: 0);
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 3));
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2), rank: 1);

        // A second rank shows, so both are named with theirs from now on.
        await indexer.MatchesEventuallyAsync($"{Engine}@0=3 {Engine}@1=2", Blocks.Tokens(1, 3));
    }
}
