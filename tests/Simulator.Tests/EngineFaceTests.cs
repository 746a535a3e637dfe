using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>What an engine tells about itself: models, tokens, health, load, metrics, admin.</summary>
public sealed class EngineFaceTests
{
    [Fact]
    public async Task Models_ListsEveryServedName()
    {
        await using var simulator = await RunningSimulator.StartAsync("--model", "org/model", "--served-model-name", "one", "two", "--max-model-len", "4096");
        var models = JsonNode.Parse(await simulator.Client.GetStringAsync("/v1/models"))!;

        Assert.Equal("list", (string?)models["object"]);
        Assert.Equal(["one", "two"], models["data"]!.AsArray().Select(model => (string)model!["id"]!));
        Assert.All(models["data"]!.AsArray(), model => Assert.Equal(
            ["id", "object", "created", "owned_by", "root", "parent", "max_model_len", "permission"], model!.AsObject().Select(pair => pair.Key)));
        Assert.Equal(4096, (int?)models["data"]![0]!["max_model_len"]);
        Assert.Equal("org/model", (string?)models["data"]![0]!["root"]);
        Assert.Equal("two", (string?)(await simulator.AskAsync("/v1/completions", """{"model":"two","prompt":"a"}"""))["model"]);
    }

    [Fact]
    public async Task Detokenize_OfTokenize_IsTheText()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        const string Text = "Grüße, 世界! 🙂 {\"json\": [1, 2]}";
        var tokens = await simulator.AskAsync("/tokenize", new JsonObject { ["prompt"] = Text, ["return_token_strs"] = true }.ToJsonString());
        var text = await simulator.AskAsync("/detokenize", new JsonObject { ["tokens"] = tokens["tokens"]!.DeepClone() }.ToJsonString());

        Assert.Equal(["count", "max_model_len", "tokens", "token_strs"], tokens.AsObject().Select(pair => pair.Key));
        Assert.Equal((int?)tokens["count"], tokens["tokens"]!.AsArray().Count);
        Assert.Equal((int?)tokens["count"], tokens["token_strs"]!.AsArray().Count);
        Assert.Equal($$"""{"prompt":{{JsonValue.Create(Text).ToJsonString()}}}""", text.ToJsonString());
    }

    [Fact]
    public async Task Client_ThatGoesAway_AbortsItsRequest()
    {
        await using var simulator = await RunningSimulator.StartAsync("--inter-token-latency", "1s");
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"prompt":"a","max_tokens":100,"stream":true}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        using (var response = await simulator.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(1, await simulator.MetricAsync("vllm:num_requests_running{"));
        }

        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") == 0);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
        Assert.Equal(1, await simulator.MetricAsync(
            $"vllm:request_success_total{{model_name=\"{RunningSimulator.Model}\",engine=\"0\",finished_reason=\"abort\"}}"));
    }

    [Fact]
    public async Task Requests_BeyondTheBatch_WaitAndThenFinish()
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-num-seqs", "1", "--time-to-first-token", "20");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => simulator.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":3}""")));

        Assert.All(answers, answer => Assert.Equal(3, (int?)answer["usage"]!["completion_tokens"]));
        Assert.Equal(0, await simulator.MetricAsync("vllm:num_requests_waiting{"));
        Assert.True(await simulator.MetricAsync("vllm:request_queue_time_seconds_sum{") > 0.05);
    }

    [Fact]
    public async Task Metrics_AreReadByPromtool()
    {
        if (Promtool.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        await using var simulator = await RunningSimulator.StartAsync("--served-model-name", "strange \"name\"\\");
        _ = await simulator.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":3}""");

        Assert.Null(await Promtool.FindParseErrorAsync(await simulator.Client.GetStringAsync("/metrics")));
    }

    [Fact]
    public async Task Metrics_CountTokensAndRequests()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        _ = await simulator.AskAsync("/v1/completions", """{"prompt":[1,2,3],"max_tokens":5,"n":2}""");

        Assert.Equal(6, await simulator.MetricAsync("vllm:prompt_tokens_total{"));
        Assert.Equal(10, await simulator.MetricAsync("vllm:generation_tokens_total{"));
        Assert.Equal(8, await simulator.MetricAsync("vllm:inter_token_latency_seconds_count{"));
        Assert.Equal(2, await simulator.MetricAsync("vllm:e2e_request_latency_seconds_count{"));
        Assert.Equal(1, await simulator.MetricAsync("vllm:cache_config_info{block_size=\"16\""));
    }

    [Fact]
    public async Task Instances_AreEnginesOfTheirOwn()
    {
        await using var simulator = await RunningSimulator.StartAsync("--instances", "3");
        using var third = new HttpClient { BaseAddress = simulator.Urls[2] };
        _ = await simulator.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":5}""");

        Assert.Equal(3, simulator.Urls.Distinct().Count());
        Assert.Equal(5, await simulator.MetricAsync("vllm:generation_tokens_total{"));
        Assert.Contains("vllm:generation_tokens_total{model_name=\"meta-llama/Llama-3.1-8B-Instruct\",engine=\"0\"} 0\n", await third.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Startup_UntilLoaded_IsUnhealthyAndRefuses()
    {
        await using var simulator = await RunningSimulator.StartAsync("--startup-duration", "1h");
        using var health = await simulator.Client.GetAsync("/health");
        using var models = await simulator.Client.GetAsync("/v1/models");
        using var alive = await simulator.Client.GetAsync("/alive");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, models.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Status_PathsAnswerAsVllm()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-request-id-headers");
        using var health = await simulator.Client.GetAsync("/health");
        using var ping = await simulator.Client.PostAsync("/ping", null);

        Assert.Equal("", await health.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (health.StatusCode, ping.StatusCode));
        Assert.NotEmpty(health.Headers.GetValues("X-Request-Id").Single());
        Assert.Equal("""{"server_load":0}""", await simulator.Client.GetStringAsync("/load"));
        Assert.NotNull(JsonNode.Parse(await simulator.Client.GetStringAsync("/version"))!["version"]);
    }

    [Fact]
    public async Task Tls_SelfSigned_ServesHttps()
    {
        await using var simulator = await RunningSimulator.StartAsync("--self-signed-certs");
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler) { BaseAddress = simulator.Urls[0] };

        Assert.Equal("https", simulator.Urls[0].Scheme);
        Assert.Contains(RunningSimulator.Model, await client.GetStringAsync("/v1/models"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminConfig_ChangesLatenciesAndFailures()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        var config = await simulator.AskAsync(
            "/admin/config", """{"inter-token-latency":"1.5s","failure-injection-rate":100,"failure-types":["rate_limit"]}""");
        using var failed = await simulator.PostAsync("/v1/completions", """{"prompt":"a"}""");
        using var refused = await simulator.PostAsync("/admin/config", """{"inter-token-latency":"soon","failure-injection-rate":0}""");
        using var still = await simulator.PostAsync("/v1/completions", """{"prompt":"a"}""");

        Assert.Equal("1500ms", (string?)config["inter-token-latency"]);
        Assert.Equal(HttpStatusCode.TooManyRequests, failed.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, still.StatusCode);
    }
}
