using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>What a client sees of the prefix cache.</summary>
public sealed class PrefixCacheTests
{
    private const string Request = """{"prompt":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33],"max_tokens":2}""";

    [Fact]
    public async Task Usage_TellsCachedTokens_WhereAskedFor()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-prompt-tokens-details");
        var first = await simulator.AskAsync("/v1/completions", Request);
        var second = await simulator.AskAsync("/v1/completions", Request);
        var stream = await simulator.StreamAsync("/v1/completions", Request[..^1] + ""","stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal(0, (int?)first["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
        Assert.Equal(32, (int?)second["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
        Assert.Equal(32, (int?)JsonNode.Parse(stream[^2])!["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
        Assert.Equal(first["choices"]![0]!["text"]!.ToJsonString(), second["choices"]![0]!["text"]!.ToJsonString());
        Assert.Equal((99d, 64d), (await simulator.TotalAsync("vllm:prefix_cache_queries_total"), await simulator.TotalAsync("vllm:prefix_cache_hits_total")));
        Assert.Equal(1, await simulator.MetricAsync("vllm:cache_config_info{block_size=\"16\",cache_dtype=\"auto\",enable_prefix_caching=\"True\""));
    }

    [Fact]
    public async Task Usage_NotAskedFor_TellsNothing()
    {
        await using var simulator = await RunningSimulator.StartAsync();

        Assert.Null((await simulator.AskAsync("/v1/completions", Request))["usage"]!["prompt_tokens_details"]);
    }

    [Fact]
    public async Task Cache_SwitchedOff_FindsNothing()
    {
        await using var simulator = await RunningSimulator.StartAsync("--no-enable-prefix-caching", "--enable-prompt-tokens-details");
        _ = await simulator.AskAsync("/v1/completions", Request);

        Assert.Equal(0, (int?)(await simulator.AskAsync("/v1/completions", Request))["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
        Assert.Equal(0, await simulator.TotalAsync("vllm:prefix_cache_queries_total"));
    }

    [Fact]
    public async Task CacheSalt_KeepsTenantsApart()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-prompt-tokens-details");
        _ = await simulator.AskAsync("/v1/completions", Request[..^1] + ""","cache_salt":"one"}""");
        var other = await simulator.AskAsync("/v1/completions", Request[..^1] + ""","cache_salt":"two"}""");
        var same = await simulator.AskAsync("/v1/completions", Request[..^1] + ""","cache_salt":"one"}""");

        Assert.Equal((0, 32), ((int)other["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, (int)same["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
    }

    [Fact]
    public async Task Conversation_Growing_FindsItsPast()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-prompt-tokens-details");
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Tell me about the harbour and the lantern, at length and with some care." });
        var cached = new List<int>();
        for (var turn = 0; turn < 3; turn++)
        {
            var answer = await simulator.AskAsync("/v1/chat/completions", new JsonObject { ["messages"] = messages.DeepClone(), ["max_tokens"] = 60 });
            cached.Add((int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = (string?)answer["choices"]![0]!["message"]!["content"] });
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = "Go on." });
        }

        // Each turn finds the prompt and nearly all of the answer before it.
        Assert.Equal(0, cached[0]);
        Assert.True(cached[1] > 60 && cached[2] > cached[1] + 48, string.Join(' ', cached));
    }

    [Fact]
    public async Task ResetPrefixCache_OutsideDevelopmentMode_DoesNotExist()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        using var response = await simulator.Client.PostAsync("/reset_prefix_cache", null);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Request_ThatDoesNotFit_WaitsForBlocks()
    {
        await using var simulator = await RunningSimulator.StartAsync("--kv-cache-blocks", "4", "--inter-token-latency", "1h");
        using var gone = new CancellationTokenSource();
        var first = simulator.Client.PostAsync("/v1/completions", Json("""{"prompt":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34],"max_tokens":5}"""), gone.Token);
        await Eventually.TrueAsync(async () => await simulator.TotalAsync("vllm:generation_tokens_total") == 1);
        var second = simulator.AskAsync("/v1/completions", """{"prompt":[50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69],"max_tokens":1}""");
        await Eventually.TrueAsync(async () => await simulator.TotalAsync("vllm:num_requests_waiting") == 1);
        Assert.Equal(0.75, await simulator.TotalAsync("vllm:kv_cache_usage_perc"));

        await gone.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, (int?)(await second)["usage"]!["completion_tokens"]);
        Assert.Equal(0, await simulator.TotalAsync("vllm:kv_cache_usage_perc"));
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");
}
