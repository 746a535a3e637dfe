using System.Text.Json.Nodes;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>KV events as a subscriber on the real libzmq sees them.</summary>
public sealed class KvEventsTests
{
    private const string Topic = "kv@127.0.0.1:8000@model";

    [Theory]
    [InlineData("map")]
    [InlineData("array")]
    public async Task Prompt_Computed_IsAnnouncedOnceWithVllmsHashes(string form)
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync("--kv-events-format", form, "--hash-seed", "42", "--prefix-caching-hash-algo", "sha256_cbor");
        await peer.SubscribeAsync(Dialled(simulator.Engine.Ranks[0].Events!.Endpoint), Topic);
        await SubscribedAsync(simulator, peer);

        _ = await simulator.AskAsync("/v1/completions", Prompt(0, 40));
        var message = await peer.ReceiveAsync();
        var batch = message["batch"]!.AsArray();
        var stored = Assert.Single(batch[1]!.AsArray())!;
        var hasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "42");
        var digests = new BlockDigest[2];
        _ = hasher.HashAll(hasher.NoneHash, [.. Enumerable.Range(0, 40)], 16, digests);

        Assert.Equal(Topic, (string?)message["topic"]);
        Assert.Equal(0, (int)batch[2]!);
        var fields = form == "map" ? Values(stored, "type", "block_hashes", "parent_block_hash", "token_ids", "block_size", "medium")
            : [.. new[] { 0, 1, 2, 3, 4, 6 }.Select(index => stored[index])];
        Assert.Equal("BlockStored", (string?)fields[0]);
        Assert.Equal(digests.Select(digest => digest.External), fields[1]!.AsArray().Select(hash => (ulong)hash!));
        Assert.Null(fields[2]);
        Assert.Equal(Enumerable.Range(0, 32), fields[3]!.AsArray().Select(token => (int)token!));
        Assert.Equal((16, "GPU"), ((int)fields[4]!, (string?)fields[5]));
        if (form == "array")
        {
            Assert.Equal(12, stored.AsArray().Count);
        }
    }

    [Fact]
    public async Task Answer_CrossesABlock_ContinuesTheChain()
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync();
        await peer.SubscribeAsync(Dialled(simulator.Engine.Ranks[0].Events!.Endpoint));
        await SubscribedAsync(simulator, peer);

        var answer = await simulator.AskAsync("/v1/completions", Prompt(0, 20, maxTokens: 13, salt: "s"));
        var prompt = (await peer.ReceiveAsync())["batch"]![1]![0]!;
        var message = await peer.ReceiveAsync();
        var generated = message["batch"]![1]![0]!;

        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(["s"], prompt["extra_keys"]![0]!.AsArray().Select(key => (string?)key));
        Assert.Equal((ulong)prompt["block_hashes"]![0]!, (ulong)generated["parent_block_hash"]!);
        Assert.Equal([16, 17, 18, 19], generated["token_ids"]!.AsArray().Take(4).Select(token => (int)token!));
        Assert.Null(generated["extra_keys"]);
    }

    [Fact]
    public async Task Eviction_AnnouncesWhatLeft()
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync("--kv-cache-blocks", "4");
        await peer.SubscribeAsync(Dialled(simulator.Engine.Ranks[0].Events!.Endpoint));
        await SubscribedAsync(simulator, peer);

        _ = await simulator.AskAsync("/v1/completions", Prompt(0, 48));
        _ = await simulator.AskAsync("/v1/completions", Prompt(1000, 48));
        var first = (await peer.ReceiveAsync())["batch"]![1]![0]!["block_hashes"]!.AsArray().Select(hash => (ulong)hash!).ToArray();
        var removed = (await peer.ReceiveAsync())["batch"]![1]!.AsArray();

        // The last block of the older prompt goes first.
        Assert.All(removed, item => Assert.Equal(("BlockRemoved", "GPU"), ((string?)item!["type"], (string?)item["medium"])));
        Assert.Equal([first[2], first[1]], removed.Select(item => (ulong)Assert.Single(item!["block_hashes"]!.AsArray())!));
    }

    [Fact]
    public async Task Replay_GivesWhatWasMissed_FromTheOldestKept()
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync(""","buffer_steps":3""", []);
        for (var i = 0; i < 5; i++)
        {
            _ = await simulator.AskAsync("/v1/completions", Prompt(1000 * i, 20));
        }

        var replay = Dialled(simulator.Engine.Ranks[0].Events!.ReplayEndpoint!);
        var all = await peer.ReplayAsync(replay, start: 0, afterGarbage: true);
        var last = await peer.ReplayAsync(replay, start: 4);
        var none = await peer.ReplayAsync(replay, start: 99);

        Assert.Equal([2, 3, 4], all.Select(batch => (int)batch["sequence"]!));
        Assert.Equal(3000, (int)all[1]["batch"]![1]![0]!["token_ids"]![0]!);
        Assert.Equal([4], last.Select(batch => (int)batch["sequence"]!));
        Assert.Empty(none);
    }

    [Theory]
    [InlineData("--kv-events-config", """{"enable_kv_cache_events":true,"endpoint":"ADDRESS"}""", "")]
    // As llm-d's simulator is told.
    [InlineData("--zmq-endpoint", "ADDRESS", "kv@127.0.0.1:0@served-by-both")]
    public async Task Publisher_WithAPlainAddress_ConnectsToTheSubscriber(string flag, string value, string topic)
    {
        await using var peer = KvEventsPeer.Start();
        var address = await peer.BindAsync();
        await using var simulator = await RunningSimulator.StartAsync(
            flag, value.Replace("ADDRESS", address, StringComparison.Ordinal), "--model", "served-by-both", "--enable-kvcache", "true", "--event-batch-size", "16");
        // Nobody tells when the connection and the subscription are through, so events are made until one arrives.
        var message = peer.ReceiveAsync();
        for (var i = 0; !message.IsCompleted; i++)
        {
            _ = await simulator.AskAsync("/v1/completions", Prompt(100 * i, 20));
        }

        Assert.Equal(("BlockStored", topic), ((string?)(await message)["batch"]![1]![0]!["type"], (string?)(await message)["topic"]));
    }

    [Fact]
    public async Task Ranks_HavePublishersOfTheirOwn()
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync("--data-parallel-size", "3");
        var events = simulator.Engine.Ranks.Select(rank => rank.Events!).ToArray();
        await peer.SubscribeAsync(Dialled(events[2].Endpoint));
        await SubscribedAsync(simulator, peer, rank: 2);

        _ = await simulator.AskAsync("/v1/completions", Prompt(5000, 20), rank: 1);
        _ = await simulator.AskAsync("/v1/completions", Prompt(7000, 20), rank: 2);
        var message = await peer.ReceiveAsync();

        Assert.Equal(3, events.Select(publisher => publisher.Endpoint).Distinct().Count());
        Assert.Equal((7000, 2), ((int)message["batch"]![1]![0]!["token_ids"]![0]!, (int)message["batch"]![2]!));
    }

    [Fact]
    public async Task ResetPrefixCache_InDevelopmentMode_AnnouncesThatAllIsGone()
    {
        await using var peer = KvEventsPeer.Start();
        var port = TestPorts.Free();
        await using var program = ChildProgram.Start(
            typeof(SimulatorService).Assembly,
            ["--port", "0", "--kv-events-config", $$"""{"enable_kv_cache_events":true,"endpoint":"tcp://*:0","replay_endpoint":"tcp://*:{{port}}"}"""],
            new Dictionary<string, string> { ["VLLM_SERVER_DEV_MODE"] = "1" });
        using var client = new HttpClient { BaseAddress = await program.WaitForUrlAsync() };
        using var prompt = new StringContent(Prompt(0, 20).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answered = await client.PostAsync("/v1/completions", prompt);
        using var reset = await client.PostAsync("/reset_prefix_cache", null);
        var batches = await peer.ReplayAsync($"tcp://127.0.0.1:{port}", start: 0);

        Assert.Equal("""{"success":true}""", await reset.Content.ReadAsStringAsync());
        Assert.Equal(["BlockStored", "AllBlocksCleared"], batches.Select(batch => (string?)batch["batch"]![1]![0]!["type"]));
    }

    [Theory]
    [InlineData("map")]
    [InlineData("array")]
    public async Task Hashes_AsWholeDigests_WhereTheEnvironmentSaysSo_AlsoOfWhatIsRemoved(string form)
    {
        await using var peer = KvEventsPeer.Start();
        var port = TestPorts.Free();
        await using var program = ChildProgram.Start(
            typeof(SimulatorService).Assembly,
            ["--port", "0", "--kv-cache-blocks", "4", "--kv-events-format", form, "--time-to-first-token", "1ms", "--hash-seed", "7",
             "--kv-events-config", $$"""{"enable_kv_cache_events":true,"endpoint":"tcp://*:0","replay_endpoint":"tcp://*:{{port}}"}"""],
            new Dictionary<string, string> { ["VLLM_KV_EVENTS_USE_INT_BLOCK_HASHES"] = "0" });
        using var client = new HttpClient { BaseAddress = await program.WaitForUrlAsync() };
        foreach (var first in new[] { 0, 1000 })
        {
            using var prompt = new StringContent(Prompt(first, 50).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            using var answered = await client.PostAsync("/v1/completions", prompt);
        }

        var items = (await peer.ReplayAsync($"tcp://127.0.0.1:{port}", start: 0)).SelectMany(batch => batch["batch"]![1]!.AsArray()).Select(item => item!).ToArray();
        var stored = items.Where(item => Field(item, "type", 0) == "BlockStored").SelectMany(HashesOf).ToArray();
        var removed = items.Where(item => Field(item, "type", 0) == "BlockRemoved").SelectMany(HashesOf).ToArray();

        Assert.Equal(await peer.HashAsync("sha256", "7", Enumerable.Range(0, 50), lora: null, salt: null), stored.Take(3));
        Assert.NotEmpty(removed);
        Assert.Subset(stored.ToHashSet(), removed.ToHashSet());

        static string? Field(JsonNode item, string name, int index) => (string?)(item is JsonArray ? item[index] : item[name]);
        static IEnumerable<string> HashesOf(JsonNode item) => (item is JsonArray ? item[1] : item["block_hashes"])!.AsArray().Select(hash => (string)hash!);
    }

    [Theory]
    [InlineData("tcp://*:5557", "tcp://*:5558", "--data-parallel-size 4", "4 ports apart")]
    [InlineData("tcp://*:5557", "tcp://*:5557", "--data-parallel-size 1", "1 ports apart")]
    [InlineData("tcp://*:65534", null, "--data-parallel-size 4", "65535")]
    [InlineData("tcp://*:7990", null, "--port 7992 --data-parallel-size 4", "7992")]
    [InlineData("ipc:///tmp/events", null, "--data-parallel-size 2", "ipc://")]
    public async Task Addresses_ThatCannotHoldAllRanks_AreRefusedInOneLine(string endpoint, string? replay, string args, string named)
    {
        var config = new JsonObject { ["enable_kv_cache_events"] = true, ["endpoint"] = endpoint, ["replay_endpoint"] = replay };
        var mistake = await Assert.ThrowsAsync<UsageException>(
            () => RunningSimulator.StartAsync([.. args.Split(' '), "--kv-events-config", config.ToJsonString()]));

        var line = Assert.Single(mistake.Mistakes);
        Assert.Contains("--kv-events-config", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_InUse_IsNamedInOneLine()
    {
        using var taken = TestPorts.Take();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var mistake = await Assert.ThrowsAsync<UsageException>(() => RunningSimulator.StartAsync(
            "--kv-events-config", $$"""{"enable_kv_cache_events":true,"endpoint":"tcp://*:0","replay_endpoint":"tcp://127.0.0.1:{{port}}"}"""));

        Assert.Contains($"tcp://127.0.0.1:{port}", Assert.Single(mistake.Mistakes), StringComparison.Ordinal);
    }

    private static Task<RunningSimulator> StartAsync(params string[] args) => StartAsync("", args);

    private static Task<RunningSimulator> StartAsync(string config, string[] args) =>
        RunningSimulator.StartAsync(
        [
            "--kv-events-config", $$"""{"enable_kv_cache_events":true,"publisher":"zmq","endpoint":"tcp://*:0","replay_endpoint":"tcp://*:0","topic":"{{Topic}}"{{config}}}""",
            .. args,
        ]);

    // A subscription travels behind the handshake: events are made until the first one arrives. What came by then is taken up to a reset, which also empties the cache.
    private static async Task SubscribedAsync(RunningSimulator simulator, KvEventsPeer peer, int? rank = null)
    {
        var arrived = peer.ReceiveAsync();
        for (var i = 0; !arrived.IsCompleted; i++)
        {
            _ = await simulator.AskAsync("/v1/completions", Prompt(100_000 + (i % 1000 * 16), 17), rank);
        }

        _ = await arrived;
        foreach (var each in simulator.Engine.Ranks)
        {
            _ = each.Engine.ResetPrefixCache();
        }

        JsonNode last;
        do
        {
            last = await peer.ReceiveAsync();
        }
        while (!IsReset(last["batch"]![1]![0]!));
    }

    private static bool IsReset(JsonNode item) =>
        (string?)(item is JsonArray fields ? fields[0] : item["type"]) == "AllBlocksCleared";

    private static string Dialled(string bound) => bound.Replace("*", "127.0.0.1", StringComparison.Ordinal);

    private static JsonNode?[] Values(JsonNode map, params string[] keys) => [.. keys.Select(key => map[key])];

    private static JsonObject Prompt(int first, int count, int maxTokens = 1, string? salt = null)
    {
        var body = new JsonObject { ["prompt"] = new JsonArray([.. Enumerable.Range(first, count).Select(token => (JsonNode)token)]), ["max_tokens"] = maxTokens };
        if (salt is not null)
        {
            body["cache_salt"] = salt;
        }

        return body;
    }
}
