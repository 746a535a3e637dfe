using System.Net.Sockets;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Clients that leave at any moment, injected failures and garbage leave nothing behind.</summary>
public sealed class FaultTests
{
    private const string Connector = """{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_connector_extra_config":{"kv_lease_duration":2}}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Engines_AfterAnyFaults_HoldNothing(int seed)
    {
        string[] args =
        [
            "--kv-transfer-config", Connector, "--data-parallel-size", "2", "--kv-cache-blocks", "24", "--failure-injection-rate", "10",
            "--time-to-first-token", "3", "--inter-token-latency", "1", "--max-num-seqs", "4",
        ];
        await using var prefill = await RunningSimulator.StartAsync(args);
        await using var decode = await RunningSimulator.StartAsync(args);
        var random = new Random(seed);
        var requests = Enumerable.Range(0, 80).Select(_ => SplitAsync(
            prefill, decode, tokens: random.Next(1, 200), patience: TimeSpan.FromMilliseconds(random.Next(150)), streams: random.Next(2) == 0));
        await Task.WhenAll(requests);

        foreach (var engine in new[] { prefill, decode })
        {
            await Eventually.TrueAsync(async () => await engine.TotalAsync("vllm:num_requests_running") == 0 && await engine.TotalAsync("vllm:num_requests_waiting") == 0);
            await Eventually.TrueAsync(async () => await engine.TotalAsync("vllm:kv_cache_usage_perc") == 0);
        }
    }

    [Fact]
    public async Task Garbage_OnTheEventPorts_IsTurnedAway()
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await RunningSimulator.StartAsync(
            "--kv-events-config", """{"enable_kv_cache_events":true,"endpoint":"tcp://*:0","replay_endpoint":"tcp://*:0"}""");
        var events = simulator.Engine.Ranks[0].Events!;
        foreach (var address in new[] { events.Endpoint, events.ReplayEndpoint! })
        {
            using var client = new TcpClient("127.0.0.1", int.Parse(address[(address.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: engine.example\r\nUser-Agent: a browser, or something like it\r\n\r\n"u8.ToArray());
            await Eventually.DoneAsync(ReadToEndAsync(client));
        }

        _ = await simulator.AskAsync("/v1/completions", new JsonObject { ["prompt"] = Prompt(20), ["max_tokens"] = 1 });
        Assert.Single(await peer.ReplayAsync(events.ReplayEndpoint!.Replace("*", "127.0.0.1", StringComparison.Ordinal), start: 0));
    }

    private static async Task SplitAsync(RunningSimulator prefill, RunningSimulator decode, int tokens, TimeSpan patience, bool streams)
    {
        using var gone = new CancellationTokenSource(patience);
        try
        {
            var first = await PostAsync(prefill, tokens, new JsonObject { ["do_remote_decode"] = true }, streams: false, gone.Token);
            _ = await PostAsync(decode, tokens, JsonNode.Parse(first)!["kv_transfer_params"]?.DeepClone(), streams, gone.Token);
        }
        catch (OperationCanceledException)
        {
            // It lost patience, as it was meant to.
        }
    }

    private static async Task<string> PostAsync(RunningSimulator engine, int tokens, JsonNode? transfer, bool streams, CancellationToken gone)
    {
        var body = new JsonObject { ["prompt"] = Prompt(tokens), ["max_tokens"] = 60, ["stream"] = streams, ["kv_transfer_params"] = transfer };
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await engine.Client.PostAsync("/v1/completions", content, gone);
        return await response.Content.ReadAsStringAsync(gone);
    }

    private static JsonArray Prompt(int tokens) => [.. Enumerable.Range(0, tokens).Select(token => (JsonNode)(token % 50))];

    private static async Task<bool> ReadToEndAsync(TcpClient client)
    {
        var buffer = new byte[1024];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset instead of closed: turned away as well.
        }

        return true;
    }
}
