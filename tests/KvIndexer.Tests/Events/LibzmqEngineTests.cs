using System.Text.Json;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Events;

/// <summary>Events from the real libzmq and msgpack, as vLLM's versions and SGLang write them.</summary>
public sealed class LibzmqEngineTests
{
    private const string Engine = "http://127.0.0.1:1";

    [Fact]
    public async Task EveryVersionsArrays_AndMaps_AreRead()
    {
        await using var engine = await PythonEngine.StartAsync($"kv@127.0.0.1:9@{RunningIndexer.Model}");
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{Engine},events={engine.Events},replay={engine.Replay}");
        await indexer.ConnectedAsync();

        await engine.PublishAsync(0, 100, $"""
            [["BlockStored", [11, 12], null, {Tokens(1, 2)}, 16, null],
             ["BlockStored", [13], 12, {Tokens(1, 1, 2)}, 16, null, "GPU", null, [null], 0, "full_attention", null],
             {Map("BlockStored", "[14]", "13", Tokens(1, 1, 3))},
             ["SomethingNew", 1, 2],
             {Map("BlockStored", "[18446744073709551615]", "14", Tokens(1, 1, 4))},
             ["BlockRemoved", [18446744073709551615]]]
            """);

        await indexer.MatchesEventuallyAsync($"{Engine}=4", Blocks.Tokens(1, 6));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replay_InBothOfItsForms_FillsWhatWasMissed(bool withTopic)
    {
        await using var engine = await PythonEngine.StartAsync("", withTopic);
        await engine.PublishAsync(0, 100, $"""[{Map("BlockStored", "[11, 12]", "null", Tokens(1, 2))}]""");
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{Engine},events={engine.Events},replay={engine.Replay},model={RunningIndexer.Model}");
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(1, 6));

        await engine.PublishAsync(1, 101, $"""[{Map("BlockStored", "[13]", "12", Tokens(1, 1, 2))}]""", send: false);
        await Eventually.TrueAsync(async () =>
        {
            await engine.PublishAsync(2, 102, $"""[{Map("BlockStored", "[14]", "13", Tokens(1, 1, 3))}]""");
            return await indexer.MatchesAsync(Blocks.Tokens(1, 6)) == $"{Engine}=4";
        });

        Assert.Equal((1, true), ((await indexer.EndpointAsync()).GetProperty("gaps").GetInt32(), (await indexer.EndpointAsync()).GetProperty("trusted").GetBoolean()));
    }

    [Fact]
    public async Task EnginesThatConnect_AreNamedByTheirTopics()
    {
        await using var indexer = await RunningIndexer.StartAsync("--bind", "tcp://127.0.0.1:0");
        var address = Assert.Single(indexer.Bound);
        await using var one = await PythonEngine.StartAsync($"kv@127.0.0.1:8001@{RunningIndexer.Model}", connectTo: address);
        await using var other = await PythonEngine.StartAsync($"kv@http://127.0.0.1:8002@{RunningIndexer.Model}", connectTo: address);
        await using var stranger = await PythonEngine.StartAsync("hello", connectTo: address);

        // A PUB that connects loses what it sends before the subscription reached it; a batch sent again is a duplicate.
        await Eventually.TrueAsync(async () =>
        {
            await one.PublishAsync(0, 100, $"""[{Map("BlockStored", "[11, 12]", "null", Tokens(1, 2))}]""", rank: 0);
            await other.PublishAsync(0, 100, $"""[{Map("BlockStored", "[11]", "null", Tokens(1, 1))}]""", rank: 1);
            await stranger.PublishAsync(0, 100, "[]");
            return await indexer.MatchesAsync(Blocks.Tokens(1, 3)) == "http://127.0.0.1:8001=2 http://127.0.0.1:8002@1=1";
        });

        Assert.Equal(2, (await indexer.GetAsync("/v1/endpoints")).GetArrayLength());
        await one.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await indexer.EndpointAsync("http://127.0.0.1:8001")).GetProperty("connected").GetBoolean());
    }

    private static string Tokens(int prompt, int blocks, int from = 0) => JsonSerializer.Serialize(Blocks.Tokens(prompt, blocks, from));

    private static string Map(string type, string hashes, string parent, string tokens) =>
        $$"""{"type": "{{type}}", "block_hashes": {{hashes}}, "parent_block_hash": {{parent}}, "token_ids": {{tokens}}, "block_size": 16, "lora_id": null, "medium": "GPU", "lora_name": null, "group_idx": 0}""";
}
