using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace LlmdAspire.Router.Tests.Sidecar;

public sealed class SimulatedPodsTests(SimulatedPods pods) : IClassFixture<SimulatedPods>
{
    [Fact]
    public async Task TwoStages_GiveTheTextOfOneEngine_WithBlocksFromTheOther()
    {
        var prompt = Prompt(1000);
        var alone = await AskAsync(pods.Prefill, prompt);
        var before = await OfRankAsync("vllm:external_prefix_cache_hits_total", 3);

        var split = await AskAsync(pods.Sidecar, prompt, ("x-prefiller-host-port", pods.Prefill.Authority), ("x-prefiller-data-parallel-rank", "6"), ("X-data-parallel-rank", "3"));

        Assert.Equal(Text(alone), Text(split));
        Assert.Equal(before + 64, await OfRankAsync("vllm:external_prefix_cache_hits_total", 3));
    }

    [Fact]
    public async Task TwoStages_OfEnginesWithOneRank_GiveTheTextOfOneEngineToo()
    {
        await using var single = new SimulatedPods(ranks: 1);
        await single.InitializeAsync();
        var alone = await AskAsync(single.Prefill, Prompt(1000));

        var split = await AskAsync(single.Sidecar, Prompt(1000), ("x-prefiller-host-port", single.Prefill.Authority));

        Assert.Equal(Text(alone), Text(split));
        Assert.Contains("___prefill_addr_", (string)split["id"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankOfAPort_IsTheRankThatAnswers()
    {
        var rank5 = new UriBuilder(pods.Sidecar) { Port = pods.Sidecar.Port + 5 }.Uri;
        var before = await OfRankAsync("vllm:request_success_total", 5);

        _ = await AskAsync(rank5, Prompt(5000));
        var split = await AskAsync(rank5, Prompt(6000), ("x-prefiller-host-port", pods.Prefill.Authority), ("x-prefiller-data-parallel-rank", "5"));

        Assert.Equal(before + 2, await OfRankAsync("vllm:request_success_total", 5));
        Assert.Equal(Text(await AskAsync(pods.Decode, Prompt(6000))), Text(split));
    }

    [Fact]
    public async Task DeadPrefiller_ChangesNothingInTheText()
    {
        var alone = await AskAsync(pods.Decode, Prompt(9000));

        var split = await AskAsync(pods.Sidecar, Prompt(9000), ("x-prefiller-host-port", "127.0.0.1:1"), ("X-data-parallel-rank", "0"));

        Assert.Equal(Text(alone), Text(split));
    }

    [Fact]
    public async Task EveryOtherPath_IsTheEngines()
    {
        using var client = new HttpClient { BaseAddress = pods.Sidecar };

        Assert.Contains("vllm:num_requests_running", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("\"object\":\"list\"", await client.GetStringAsync("/v1/models"), StringComparison.Ordinal);
        Assert.True((await client.GetAsync("/health")).IsSuccessStatusCode);
    }

    private async Task<double> OfRankAsync(string metric, int rank)
    {
        using var client = new HttpClient { BaseAddress = pods.Decode };
        return (await client.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal) && line.Contains($"engine=\"{rank}\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string Prompt(int start) => $"[{string.Join(',', Enumerable.Range(start, 64))}]";

    private static string? Text(JsonNode answer) => (string?)answer["choices"]![0]!["text"];

    private static async Task<JsonNode> AskAsync(Uri engine, string prompt, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = engine };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent($$"""{"prompt":{{prompt}},"max_tokens":24,"seed":7}""", new MediaTypeHeaderValue("application/json")),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
