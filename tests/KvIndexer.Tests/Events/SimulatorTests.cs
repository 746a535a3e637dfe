using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Events;

/// <summary>A Simulator as a process of its own, with two ranks: what the indexer says is what the engine finds in its cache.</summary>
public sealed class SimulatorTests
{
    [Fact]
    public async Task Score_AgreesWithTheEnginesCachedTokens()
    {
        var (events, replay) = (FreePair(), FreePair());
        await using var simulator = ChildProgram.Start("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "LlmdAspire.Simulator.dll"),
            "--port", "0", "--model", RunningIndexer.Model, "--data-parallel-size", "2", "--block-size", "16", "--time-scale", "1000", "--enable-prompt-tokens-details",
            "--kv-events-config", $$"""{"enable_kv_cache_events":true,"publisher":"zmq","endpoint":"tcp://*:{{events}}","replay_endpoint":"tcp://*:{{replay}}"}""",
        ]);
        var url = (await simulator.WaitForUrlAsync()).ToString().TrimEnd('/');
        using var engine = new HttpClient { BaseAddress = new Uri(url) };
        var prompt = string.Concat(Enumerable.Range(0, 200).Select(i => $"Line {i} of a long story. "));
        Assert.Equal(0, await CompleteAsync(engine, prompt, rank: 1));

        // Started after the first prompt: what the engine holds is learned by replay.
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{url},events=tcp://127.0.0.1:{events},replay=tcp://127.0.0.1:{replay},ranks=2");
        await Eventually.TrueAsync(async () => (await MatchesAsync(indexer, prompt)).Length > 0);
        var match = Assert.Single(await MatchesAsync(indexer, prompt));
        var cached = await CompleteAsync(engine, prompt, rank: 1);

        Assert.Equal($"{url}@1", match.GetProperty("endpoint").GetString());
        Assert.InRange(cached, 500, int.MaxValue);
        Assert.Equal(cached, match.GetProperty("tokens").GetInt32());

        // The other rank learns it too, live.
        Assert.Equal(0, await CompleteAsync(engine, prompt, rank: 0));
        await Eventually.TrueAsync(async () => (await MatchesAsync(indexer, prompt)).Length == 2);
    }

    private static async Task<JsonElement[]> MatchesAsync(RunningIndexer indexer, string prompt) =>
        [.. (await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, prompt })).GetProperty("matches").EnumerateArray()];

    private static async Task<int> CompleteAsync(HttpClient engine, string prompt, int rank)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new { model = RunningIndexer.Model, prompt, max_tokens = 4 }),
        };
        request.Headers.Add("X-data-parallel-rank", $"{rank}");
        using var response = await engine.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        var usage = JsonDocument.Parse(text).RootElement.GetProperty("usage");
        return usage.TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object
            ? details.GetProperty("cached_tokens").GetInt32()
            : 0;
    }

    // Ranks take consecutive ports.
    private static int FreePair()
    {
        while (true)
        {
            var port = TestPorts.Free();
            try
            {
                using var next = new TcpListener(IPAddress.Any, port + 1);
                next.Start();
                return port;
            }
            catch (Exception e) when (e is SocketException or ArgumentOutOfRangeException)
            {
                // Somebody has it; another pair will do.
            }
        }
    }
}
