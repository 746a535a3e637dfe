using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>What decides whether a request runs: the queue's bound, the cache threshold, ordered errors.</summary>
public sealed class AdmissionTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Queue_WhenFull_Answers429_AndTakesRequestsAgainOnceThereIsRoom()
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-num-seqs", "2", "--max-waiting-queue-length", "3", "--time-to-first-token", "1h");
        using var gone = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 12).Select(_ => SendAsync(simulator, gone.Token)).ToArray();
        await Eventually.TrueAsync(() => waiting.Count(task => task.IsCompleted) == 12 - 5);
        var refused = await Task.WhenAll(waiting.Where(task => task.IsCompleted));

        Assert.All(refused, answer => Assert.Equal((HttpStatusCode.TooManyRequests, "RateLimitError", "1"), answer));
        Assert.Equal(3, await simulator.MetricAsync("vllm:num_requests_waiting{"));
        await gone.CancelAsync();
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_waiting{") + await simulator.MetricAsync("vllm:num_requests_running{") == 0);
        using var content = new StringContent("""{"time-to-first-token":"1ms"}""", System.Text.Encoding.UTF8, "application/json");
        using var changed = await simulator.Client.PostAsync("/admin/config", content);
        Assert.Equal("length", (string?)(await simulator.AskAsync(Path, """{"prompt":"a","max_tokens":1}"""))["choices"]![0]!["finish_reason"]);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
    }

    [Fact]
    public async Task Queue_Unbounded_AsInVllm_Waits()
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-num-seqs", "1");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => simulator.AskAsync(Path, """{"prompt":"a","max_tokens":1}""")));

        Assert.All(answers, answer => Assert.Null(answer["error"]));
    }

    [Fact]
    public async Task Prompt_TooLittleCached_EndsWithCacheThreshold_UntilItIsCached()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-prompt-tokens-details");
        var prompt = new string('x', 600);
        var body = new JsonObject { ["prompt"] = prompt, ["max_tokens"] = 3, ["cache_hit_threshold"] = 0.5 };
        var cold = (await simulator.AskAsync(Path, body.ToJsonString()));
        var streamed = await simulator.StreamAsync(Path, Streamed(body).ToJsonString());
        Assert.Equal(0, await simulator.MetricAsync("vllm:prompt_tokens_total{"));
        _ = await simulator.AskAsync(Path, new JsonObject { ["prompt"] = prompt, ["max_tokens"] = 1 });
        var warm = await simulator.AskAsync(Path, body.ToJsonString());

        Assert.Equal(("cache_threshold", ""), ((string?)cold["choices"]![0]!["finish_reason"], (string?)cold["choices"]![0]!["text"]));
        Assert.Equal(0, (int)cold["usage"]!["completion_tokens"]!);
        Assert.Equal("cache_threshold", (string?)JsonNode.Parse(streamed[0])!["choices"]![0]!["finish_reason"]);
        Assert.Equal("[DONE]", streamed[^1]);
        Assert.Equal("length", (string?)warm["choices"]![0]!["finish_reason"]);
        Assert.Equal(2, await simulator.MetricAsync($"vllm:request_success_total{{model_name=\"{RunningSimulator.Model}\",engine=\"0\",finished_reason=\"cache_threshold\"}}"));
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
    }

    [Fact]
    public async Task CacheThreshold_OfTheServerOrTheHeader_CountsToo()
    {
        await using var simulator = await RunningSimulator.StartAsync("--global-cache-hit-threshold", "0.9");
        const string Chat = """{"messages":[{"role":"user","content":"Hello there, how are you today? I hope that you are well."}],"max_tokens":2""";
        var global = await simulator.AskAsync("/v1/chat/completions", Chat + "}");
        var own = await simulator.AskAsync("/v1/chat/completions", Chat + ""","cache_hit_threshold":0}""");
        using var forced = await simulator.SendAsync("/v1/chat/completions", Chat + ""","cache_hit_threshold":0}""", ("X-Cache-Threshold-Finish-Reason", "true"));

        Assert.Equal("cache_threshold", (string?)global["choices"]![0]!["finish_reason"]);
        Assert.Equal("length", (string?)own["choices"]![0]!["finish_reason"]);
        Assert.Contains("cache_threshold", await forced.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("503", 503, "ServiceUnavailableError")]
    [InlineData("429", 429, "RateLimitError")]
    [InlineData("418", 418, "BadRequestError")]
    [InlineData("200", 400, "BadRequestError")]
    [InlineData("soon", 400, "BadRequestError")]
    public async Task ReturnError_IsWhatTheHeaderOrders(string header, int status, string type)
    {
        await using var simulator = await RunningSimulator.StartAsync();
        using var response = await simulator.SendAsync(Path, """{"prompt":"a"}""", ("X-Return-Error", header));
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal((status, status, type), ((int)response.StatusCode, (int)error["code"]!, (string?)error["type"]));
    }

    [Fact]
    public async Task Pod_IsNamedInHeaders_WhereTheEnvironmentNamesIt()
    {
        await using var program = await SimulatorProcess.StartAsync(new() { ["POD_NAME"] = "decode-0", ["POD_NAMESPACE"] = "llm-d" });
        await using var plain = await RunningSimulator.StartAsync();
        using var content = new StringContent("""{"prompt":"a"}""", System.Text.Encoding.UTF8, "application/json");
        using var named = await program.Client.PostAsync(Path, content);
        using var unnamed = await plain.PostAsync(Path, """{"prompt":"a"}""");

        Assert.Equal(
            ("decode-0", "llm-d", program.Client.BaseAddress!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            (named.Headers.GetValues("x-inference-pod").Single(), named.Headers.GetValues("x-inference-namespace").Single(), named.Headers.GetValues("x-inference-port").Single()));
        Assert.False(unnamed.Headers.Contains("x-inference-pod"));
    }

    [Theory]
    [InlineData("""{"prompt":[1,2,3,4,5],"truncate_prompt_tokens":2}""", "[4,5]")]
    [InlineData("""{"prompt":[1,2,3,4,5],"truncate_prompt_tokens":2,"truncation_side":"right"}""", "[1,2]")]
    [InlineData("""{"prompt":[1,2,3,4,5],"truncate_prompt_tokens":9}""", "[1,2,3,4,5]")]
    public async Task Prompt_IsCut(string body, string tokens)
    {
        await using var simulator = await RunningSimulator.StartAsync();
        var asked = JsonNode.Parse(body)!;
        asked["return_token_ids"] = true;

        Assert.Equal(tokens, (await simulator.AskAsync(Path, asked.ToJsonString()))["choices"]![0]!["prompt_token_ids"]!.ToJsonString());
    }

    [Fact]
    public async Task Prompt_CutToTheContext_Fits()
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-model-len", "32");
        var long100 = new JsonArray([.. Enumerable.Range(0, 100).Select(token => (JsonNode)token)]);
        var answer = await simulator.AskAsync(Path, new JsonObject { ["prompt"] = long100, ["truncate_prompt_tokens"] = -1, ["max_tokens"] = 4 });
        var error = await simulator.AskAsync(Path, new JsonObject { ["prompt"] = "a", ["truncate_prompt_tokens"] = 33 });

        Assert.Equal(28, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.Equal("truncate_prompt_tokens", (string?)error["error"]!["param"]);
    }

    [Fact]
    public async Task GenerationConfig_BoundsEveryAnswer()
    {
        await using var simulator = await RunningSimulator.StartAsync("--override-generation-config", """{"max_new_tokens":5}""");
        var asked = await simulator.AskAsync(Path, """{"prompt":"a","max_tokens":100}""");
        var open = await simulator.AskAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"a"}]}""");

        Assert.Equal((5, 5), ((int)asked["usage"]!["completion_tokens"]!, (int)open["usage"]!["completion_tokens"]!));
    }

    [Theory]
    [InlineData("/v1/completions", """{"prompt":"a","suffix":"b"}""", "suffix is not currently supported")]
    [InlineData("/v1/completions", """{"prompt":"a","best_of":3}""", "best_of")]
    [InlineData("/v1/completions", """{"prompt":"a","cache_hit_threshold":2}""", "cache_hit_threshold")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}""", "meta-llama/Llama-3.1-8B-Instruct is not a multimodal model")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""", "is not a multimodal model")]
    public async Task Request_OfWhatATextModelCannot_IsRefused(string path, string body, string message)
    {
        await using var simulator = await RunningSimulator.StartAsync();
        var error = (await simulator.AskAsync(path, body))["error"]!;

        Assert.Equal((400, "BadRequestError"), ((int)error["code"]!, (string?)error["type"]));
        Assert.Contains(message, (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContinuedMessage_IsLeftOpen()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        const string Messages = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Once"}],"add_generation_prompt":false""";
        var closed = await simulator.AskAsync("/tokenize", Messages + "}");
        var open = await simulator.AskAsync("/tokenize", Messages + ""","continue_final_message":true}""");

        Assert.Equal((int)closed["count"]! - 1, (int)open["count"]!);
    }

    private static JsonObject Streamed(JsonObject body)
    {
        var streamed = body.DeepClone().AsObject();
        streamed["stream"] = true;
        return streamed;
    }

    private static async Task<(HttpStatusCode Status, string? Type, string? RetryAfter)> SendAsync(RunningSimulator simulator, CancellationToken gone)
    {
        using var content = new StringContent("""{"prompt":"a","max_tokens":1}""", System.Text.Encoding.UTF8, "application/json");
        try
        {
            using var response = await simulator.Client.PostAsync(Path, content, gone);
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(CancellationToken.None))!;
            return (response.StatusCode, (string?)body["error"]?["type"], response.Headers.RetryAfter?.ToString());
        }
        catch (OperationCanceledException)
        {
            return default;
        }
    }
}
