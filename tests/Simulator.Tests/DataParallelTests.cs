using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Ranks;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Several ranks behind one port.</summary>
public sealed class DataParallelTests
{
    private static readonly JsonObject s_request = new() { ["prompt"] = "Once upon a time", ["max_tokens"] = 5 };

    [Fact]
    public async Task Header_PinsTheRank_AndTheTextIsTheSame()
    {
        await using var simulator = await RunningSimulator.StartAsync("--data-parallel-size", "4");
        var texts = new List<string?>();
        for (var rank = 3; rank >= 1; rank--)
        {
            texts.Add((string?)(await simulator.AskAsync("/v1/completions", s_request, rank))["choices"]![0]!["text"]);
        }

        Assert.Single(texts.Distinct());
        await AssertPerRankAsync([0, 5, 5, 5], simulator, "vllm:generation_tokens_total");
    }

    [Fact]
    public async Task Rank_OutOfRange_IsRefused()
    {
        await using var simulator = await RunningSimulator.StartAsync("--data-parallel-size", "4");
        foreach (var rank in new[] { 4, -1 })
        {
            var error = (await simulator.AskAsync("/v1/completions", s_request, rank))["error"]!;

            Assert.Equal((400, "BadRequestError", $"data_parallel_rank {rank} is out of range [0, 4)."), ((int)error["code"]!, (string?)error["type"], (string?)error["message"]));
        }
    }

    [Fact]
    public async Task Rank_ThatIsNoNumber_IsIgnored()
    {
        await using var simulator = await RunningSimulator.StartAsync("--data-parallel-size", "2");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent(s_request.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-data-parallel-rank", "first");
        using var response = await simulator.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Requests_WithoutARank_GoToTheLeastLoaded()
    {
        await using var simulator = await RunningSimulator.StartAsync("--data-parallel-size", "3", "--inter-token-latency", "1h");
        using var gone = new CancellationTokenSource();
        var requests = new List<Task>();
        for (var i = 1; i <= 6; i++)
        {
            requests.Add(simulator.Client.PostAsync(
                "/v1/completions", new StringContent(s_request.ToJsonString(), System.Text.Encoding.UTF8, "application/json"), gone.Token));
            await Eventually.TrueAsync(async () => await simulator.TotalAsync("vllm:num_requests_running") == i);
        }

        await AssertPerRankAsync([2, 2, 2], simulator, "vllm:num_requests_running");

        await gone.CancelAsync();
        await Eventually.TrueAsync(async () => await simulator.TotalAsync("vllm:num_requests_running") == 0);
        Assert.Equal(0, await simulator.TotalAsync("vllm:kv_cache_usage_perc"));
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(requests));
    }

    [Fact]
    public async Task Ranks_HaveCachesOfTheirOwn()
    {
        await using var simulator = await RunningSimulator.StartAsync("--data-parallel-size", "2");
        var request = new JsonObject { ["prompt"] = new JsonArray([.. Enumerable.Range(0, 40).Select(token => (JsonNode)token)]), ["max_tokens"] = 1 };
        _ = await simulator.AskAsync("/v1/completions", request, rank: 0);
        _ = await simulator.AskAsync("/v1/completions", request, rank: 1);
        _ = await simulator.AskAsync("/v1/completions", request, rank: 1);

        await AssertPerRankAsync([0, 32], simulator, "vllm:prefix_cache_hits_total");
        Assert.Null(Promtool.Missing is null ? await Promtool.FindParseErrorAsync(await simulator.Client.GetStringAsync("/metrics")) : null);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void LeastLoaded_CountsWaitingFourfold_AndTakesTurnsAmongEquals(int turn, int expected)
    {
        EngineLoad[] loads = [new(0, 1, 0, 1), new(3, 0, 0, 1), new(4, 1, 0, 1), new(3, 0, 0, 1)];

        Assert.Equal(expected, LeastLoaded.Of(loads, turn));
    }

    private static async Task AssertPerRankAsync(double[] expected, RunningSimulator simulator, string metric)
    {
        for (var rank = 0; rank < expected.Length; rank++)
        {
            Assert.Equal(expected[rank], await simulator.MetricAsync($"{metric}{{model_name=\"{RunningSimulator.Model}\",engine=\"{rank}\"}}"));
        }
    }
}
