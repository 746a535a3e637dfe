using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Adapters: how they are named, listed, loaded, scheduled and told.</summary>
public sealed class LoraTests
{
    private const string Path = "/v1/completions";
    private const string Events = """{"enable_kv_cache_events":true,"endpoint":"tcp://*:0","replay_endpoint":"tcp://*:0"}""";

    [Fact]
    public async Task Modules_InBothForms_AreListedWithTheirParent()
    {
        await using var simulator = await StartAsync();
        var models = JsonNode.Parse(await simulator.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();

        Assert.Equal([RunningSimulator.Model, "sql", "poems"], models.Select(model => (string?)model!["id"]));
        Assert.Equal([null, RunningSimulator.Model, "org/base"], models.Select(model => (string?)model!["parent"]));
        Assert.Equal(["/adapters/sql", "/adapters/poems"], models.Skip(1).Select(model => (string?)model!["root"]));
        Assert.Null(models[1]!["max_model_len"]);
    }

    [Fact]
    public async Task Request_NamesAnAdapter_AndGetsItsOwnTextAndCache()
    {
        await using var simulator = await StartAsync("--enable-prompt-tokens-details");
        var prompt = new string('x', 400);
        var answers = new List<JsonNode>();
        foreach (var model in new[] { "sql", "poems", RunningSimulator.Model, "sql" })
        {
            answers.Add(await simulator.AskAsync(Path, new JsonObject { ["model"] = model, ["prompt"] = prompt, ["max_tokens"] = 20 }));
        }

        Assert.Equal(["sql", "poems", RunningSimulator.Model, "sql"], answers.Select(answer => (string?)answer["model"]));
        Assert.Equal(3, answers.Select(answer => (string?)answer["choices"]![0]!["text"]).Distinct().Count());
        Assert.Equal([0, 0, 0], answers.Take(3).Select(answer => (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
        Assert.True((int)answers[3]["usage"]!["prompt_tokens_details"]!["cached_tokens"]! > 0);
    }

    [Theory]
    [InlineData("sha256", false)]
    [InlineData("sha256", true)]
    [InlineData("sha256_cbor", false)]
    [InlineData("sha256_cbor", true)]
    public async Task Hashes_Published_EqualThoseThatPythonComputes(string algorithm, bool wholeDigests)
    {
        await using var peer = KvEventsPeer.Start();
        await using var simulator = await StartAsync("--hash-seed", "42", "--prefix-caching-hash-algo", algorithm, "--kv-events-config", Events);
        var events = simulator.Engine.Ranks[0].Events!;
        events.UsesDigests = wholeDigests;
        (string? Lora, string? Salt)[] cases = [(null, null), ("sql", null), (null, "pepper"), ("poems", "pepper")];
        int[] tokens = [.. Enumerable.Range(0, 70).Select(index => index * 1800)];
        foreach (var (lora, salt) in cases)
        {
            var body = new JsonObject { ["model"] = lora ?? RunningSimulator.Model, ["prompt"] = new JsonArray([.. tokens.Select(token => (JsonNode)token)]), ["max_tokens"] = 1 };
            if (salt is not null)
            {
                body["cache_salt"] = salt;
            }

            _ = await simulator.AskAsync(Path, body);
        }

        var batches = await peer.ReplayAsync(events.ReplayEndpoint!.Replace("*", "127.0.0.1", StringComparison.Ordinal), start: 0);
        Assert.Equal(cases.Length, batches.Count);
        for (var i = 0; i < cases.Length; i++)
        {
            var stored = batches[i]["batch"]![1]![0]!;
            var expected = await peer.HashAsync(algorithm, "42", tokens, cases[i].Lora, cases[i].Salt);

            Assert.Equal(4, expected.Count);
            Assert.Equal(
                wholeDigests ? expected : expected.Select(digest => Convert.ToUInt64(digest[^16..], 16).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                stored["block_hashes"]!.AsArray().Select(hash => wholeDigests ? (string)hash! : hash!.ToJsonString()));
            Assert.Equal(cases[i].Lora, (string?)stored["lora_name"]);
            Assert.Equal(cases[i].Lora switch { "sql" => 1, "poems" => 2, _ => null }, (int?)stored["lora_id"]);
        }
    }

    [Fact]
    public async Task MaxLoras_KeepsOtherAdaptersWaiting_AndLetsTheModelPass()
    {
        await using var simulator = await StartAsync("--time-to-first-token", "1h");
        using var gone = new CancellationTokenSource();
        var first = SendAsync(simulator, "sql", gone.Token);
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") == 1);
        var others = new[] { SendAsync(simulator, "poems", gone.Token), SendAsync(simulator, "sql", gone.Token), SendAsync(simulator, RunningSimulator.Model, gone.Token) };

        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") == 3);
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_waiting{") == 1);
        Assert.Contains(
            "vllm:lora_requests_info{max_lora=\"1\",waiting_lora_adapters=\"poems\",running_lora_adapters=\"sql\"} ",
            await simulator.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        await gone.CancelAsync();
        await Task.WhenAll([first, .. others]);
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") + await simulator.MetricAsync("vllm:num_requests_waiting{") == 0);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
    }

    [Fact]
    public async Task Adapters_LoadAndUnload_WhereTheEnvironmentAllowsIt()
    {
        await using var program = await SimulatorProcess.StartAsync(new() { ["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "1" }, "--enable-lora");
        const string Load = """{"lora_name":"late","lora_path":"/late"}""";
        var before = await program.AskAsync(Path, """{"model":"late","prompt":"a"}""");
        var loaded = await program.AskAsync("/v1/load_lora_adapter", Load);
        var again = await program.AskAsync("/v1/load_lora_adapter", Load);
        var inPlace = await program.AskAsync("/v1/load_lora_adapter", """{"lora_name":"late","lora_path":"/other","load_inplace":true}""");
        var used = await program.AskAsync(Path, """{"model":"late","prompt":"a"}""");
        var missing = await program.AskAsync("/v1/load_lora_adapter", """{"lora_name":"x"}""");
        var unloaded = await program.AskAsync("/v1/unload_lora_adapter", """{"lora_name":"late"}""");
        var unknown = await program.AskAsync("/v1/unload_lora_adapter", """{"lora_name":"late"}""");
        var after = await program.AskAsync(Path, """{"model":"late","prompt":"a"}""");

        Assert.Equal(HttpStatusCode.NotFound, before.Status);
        Assert.Equal((HttpStatusCode.OK, "Success: LoRA adapter 'late' added successfully."), loaded);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("\"type\":\"InvalidUserInput\"", again.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, inPlace.Status);
        Assert.Equal(HttpStatusCode.OK, used.Status);
        Assert.Equal(HttpStatusCode.BadRequest, missing.Status);
        Assert.Equal((HttpStatusCode.OK, "Success: LoRA adapter 'late' removed successfully."), unloaded);
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal(HttpStatusCode.NotFound, after.Status);
    }

    [Fact]
    public async Task Loading_WithoutThePermission_IsNoPath()
    {
        await using var simulator = await StartAsync();
        using var response = await simulator.PostAsync("/v1/load_lora_adapter", """{"lora_name":"a","lora_path":"/a"}""");

        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Not Found"}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    private static Task<RunningSimulator> StartAsync(params string[] args) => RunningSimulator.StartAsync(
        ["--lora-modules", "sql=/adapters/sql", """{"name":"poems","path":"/adapters/poems","base_model_name":"org/base"}""", .. args]);

    private static async Task SendAsync(RunningSimulator simulator, string model, CancellationToken gone)
    {
        using var content = new StringContent($$"""{"model":"{{model}}","prompt":"a"}""", System.Text.Encoding.UTF8, "application/json");
        try
        {
            using var response = await simulator.Client.PostAsync(Path, content, gone);
        }
        catch (OperationCanceledException)
        {
            // It left, as it was meant to.
        }
    }
}
