using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>A request split between two engines, as a router splits it.</summary>
public sealed class KvTransferTests
{
    private const string Connector = """{"kv_connector":"NixlConnector","kv_role":"kv_both"}""";

    private static readonly string[] s_fields =
        ["do_remote_prefill", "do_remote_decode", "remote_block_ids", "remote_engine_id", "remote_request_id", "remote_host", "remote_port", "tp_size", "remote_num_tokens"];

    [Fact]
    public async Task PrefillLeg_GivesOneToken_AndEveryField()
    {
        await using var prefill = await StartAsync("--tensor-parallel-size", "2", "--kv-cache-blocks", "16384");
        var answer = await prefill.AskAsync("/v1/completions", Prefill(Body()));
        var transfer = answer["kv_transfer_params"]!.AsObject();

        Assert.Equal((1, "length"), ((int)answer["usage"]!["completion_tokens"]!, (string?)answer["choices"]![0]!["finish_reason"]));
        Assert.Equal(s_fields, transfer.Select(field => field.Key));
        Assert.Equal((true, false), ((bool)transfer["do_remote_prefill"]!, (bool)transfer["do_remote_decode"]!));
        Assert.Equal(3, Assert.Single(transfer["remote_block_ids"]!.AsArray())!.AsArray().Count);
        Assert.Equal(("127.0.0.1", prefill.Urls[0].Port), ((string?)transfer["remote_host"], (int)transfer["remote_port"]!));
        Assert.Equal((2, 40), ((int)transfer["tp_size"]!, (int)transfer["remote_num_tokens"]!));
        Assert.StartsWith((string)answer["id"]!, (string)transfer["remote_request_id"]!, StringComparison.Ordinal);
        Assert.Equal(3d / 16384, await prefill.TotalAsync("vllm:kv_cache_usage_perc"));
    }

    [Fact]
    public async Task BothLegs_GiveTheTextOfOne_AndFreeThePrefillsBlocks()
    {
        await using var prefill = await StartAsync();
        await using var decode = await StartAsync();
        var whole = await decode.AskAsync("/v1/completions", Body(seed: 3));
        var split = await AskAsync(prefill, decode, seed: 3, start: 9000);
        var right = await prefill.AskAsync("/v1/completions", Body(seed: 3, start: 9000));

        Assert.NotEqual(Text(whole), Text(split));
        Assert.Equal(Text(right), Text(split));
        Assert.Null(split["kv_transfer_params"]);
        await Eventually.TrueAsync(async () => await prefill.TotalAsync("vllm:kv_cache_usage_perc") == 0);
        Assert.Equal((80d, 40d), (await decode.TotalAsync("vllm:external_prefix_cache_queries_total"), await decode.TotalAsync("vllm:external_prefix_cache_hits_total")));
        Assert.Equal(40d * 128 * 1024, await decode.TotalAsync("vllm:nixl_bytes_transferred_sum"));
        Assert.Equal(40, await decode.MetricAsync(
            $"vllm:prompt_tokens_by_source_total{{model_name=\"{RunningSimulator.Model}\",engine=\"0\",source=\"external_kv_transfer\"}}"));
    }

    [Fact]
    public async Task Chat_BothLegs_GiveTheTextOfOne()
    {
        await using var prefill = await StartAsync();
        await using var decode = await StartAsync();
        JsonObject body() => new() { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }), ["max_tokens"] = 20 };
        var whole = await decode.AskAsync("/v1/chat/completions", body());
        var first = await prefill.AskAsync("/v1/chat/completions", Prefill(body()));
        var decodeBody = body();
        decodeBody["kv_transfer_params"] = first["kv_transfer_params"]!.DeepClone();
        var split = await decode.AskAsync("/v1/chat/completions", decodeBody);

        Assert.Equal((string?)whole["choices"]![0]!["message"]!["content"], (string?)split["choices"]![0]!["message"]!["content"]);
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(0, 0, true)]
    [InlineData(null, 1, false)]
    [InlineData(3, null, false)]
    [InlineData(null, null, false)]
    public async Task Legs_OfSeveralRanks_AreRightOnlyWhenBothNameTheirs(int? prefillRank, int? decodeRank, bool right)
    {
        await using var prefill = await StartAsync("--data-parallel-size", "4");
        await using var decode = await StartAsync("--data-parallel-size", "4");
        var split = await AskAsync(prefill, decode, seed: 1, prefillRank: prefillRank, decodeRank: decodeRank);
        var expected = Text(await decode.AskAsync("/v1/completions", Body(seed: 1), rank: 2));

        Assert.Equal(right, expected == Text(split));
        Assert.Equal(20, (int?)split["usage"]!["completion_tokens"]);
        await Eventually.TrueAsync(async () => await prefill.TotalAsync("vllm:kv_cache_usage_perc") == 0);
    }

    [Fact]
    public async Task PrefillLeg_OfSeveralRanksWithoutOne_SpoilsASingleDecodeEngineToo()
    {
        await using var prefill = await StartAsync("--data-parallel-size", "2");
        await using var decode = await StartAsync();
        var split = await AskAsync(prefill, decode, seed: 1);

        Assert.NotEqual(Text(await decode.AskAsync("/v1/completions", Body(seed: 1))), Text(split));
    }

    [Fact]
    public async Task EngineIds_AreUniquePerRank()
    {
        await using var prefill = await StartAsync("--data-parallel-size", "2", "--kv-transfer-config", """{"kv_connector":"NixlConnector","kv_role":"kv_producer","engine_id":"p"}""");
        var first = await prefill.AskAsync("/v1/completions", Prefill(Body()), rank: 0);
        var second = await prefill.AskAsync("/v1/completions", Prefill(Body()), rank: 1);

        Assert.Equal(("p_dp0", "p_dp1"), ((string?)first["kv_transfer_params"]!["remote_engine_id"], (string?)second["kv_transfer_params"]!["remote_engine_id"]));
    }

    [Fact]
    public async Task DecodeLeg_WhosePrefillEngineIsGone_ComputesThePromptItself()
    {
        await using var decode = await StartAsync();
        JsonNode transfer;
        await using (var prefill = await StartAsync())
        {
            transfer = (await prefill.AskAsync("/v1/completions", Prefill(Body())))["kv_transfer_params"]!;
        }

        var split = await decode.AskAsync("/v1/completions", Decode(Body(), transfer));

        Assert.Equal(Text(await decode.AskAsync("/v1/completions", Body())), Text(split));
        Assert.Equal(1, await decode.TotalAsync("vllm:nixl_num_failed_transfers_total"));
    }

    [Fact]
    public async Task DecodeLeg_WhosePrefillEngineIsGone_FailsWhereThePolicySaysSo()
    {
        await using var decode = await StartAsync("--kv-transfer-config", """{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_load_failure_policy":"fail"}""");
        var transfer = new JsonObject
        {
            ["do_remote_prefill"] = true,
            ["remote_block_ids"] = new JsonArray(new JsonArray(1)),
            ["remote_engine_id"] = "e",
            ["remote_request_id"] = "r",
            ["remote_host"] = "127.0.0.1",
            ["remote_port"] = TestPorts.Free(),
        };
        var error = await decode.AskAsync("/v1/completions", Decode(Body(), transfer));

        Assert.Equal((500, "InternalServerError"), ((int)error["error"]!["code"]!, (string?)error["error"]!["type"]));
    }

    [Theory]
    [InlineData("""{"do_remote_prefill":true}""")]
    [InlineData("""{"do_remote_prefill":true,"remote_block_ids":"x","remote_port":"y","remote_host":7,"remote_engine_id":[],"remote_request_id":{}}""")]
    [InlineData("""{"do_remote_prefill":"yes"}""")]
    public async Task DecodeLeg_WithoutUsableFields_ComputesThePromptItself(string transfer)
    {
        await using var decode = await StartAsync();

        Assert.Equal(Text(await decode.AskAsync("/v1/completions", Body())), Text(await decode.AskAsync("/v1/completions", Decode(Body(), JsonNode.Parse(transfer)!))));
    }

    [Fact]
    public async Task Engine_WithoutConnector_IgnoresTheFields()
    {
        await using var engine = await RunningSimulator.StartAsync();
        var answer = await engine.AskAsync("/v1/completions", Prefill(Body()));

        Assert.Null(answer["kv_transfer_params"]);
        Assert.Equal(20, (int?)answer["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task TransferLatency_TakesThePlaceOfThePrefill()
    {
        await using var prefill = await StartAsync();
        await using var decode = await StartAsync("--time-to-first-token", "1h", "--kv-cache-transfer-latency", "2ms");
        _ = await AskAsync(prefill, decode, seed: 1);

        Assert.Equal(0.002, await decode.TotalAsync("vllm:nixl_xfer_time_seconds_sum"), 6);
    }

    [Fact]
    public async Task Lease_NobodyClaims_Expires()
    {
        await using var prefill = await StartAsync(
            "--kv-transfer-config", """{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_connector_extra_config":{"kv_lease_duration":0.05}}""");
        _ = await prefill.AskAsync("/v1/completions", Prefill(Body()));

        await Eventually.TrueAsync(async () => await prefill.TotalAsync("vllm:nixl_num_kv_expired_reqs_total") == 1);
        Assert.Equal(0, await prefill.TotalAsync("vllm:kv_cache_usage_perc"));
    }

    [Theory]
    [InlineData("--time-to-first-token 1h", "--time-to-first-token 1h")]
    [InlineData("", "--kv-cache-transfer-latency 1h")]
    [InlineData("", "--inter-token-latency 1h")]
    public async Task Client_ThatLeavesEitherLeg_FreesBothEngines(string prefillArgs, string decodeArgs)
    {
        await using var prefill = await StartAsync(prefillArgs.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await using var decode = await StartAsync(decodeArgs.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        using var gone = new CancellationTokenSource();
        var both = Task.Run(async () =>
        {
            var transfer = JsonNode.Parse(await PostAsync(prefill, Prefill(Body()), gone.Token))!["kv_transfer_params"]!;
            return await PostAsync(decode, Decode(Body(), transfer), gone.Token);
        });
        var stuck = prefillArgs.Length > 0 ? prefill : decode;
        
        // As in vLLM, a request whose content is being copied counts as waiting.
        await Eventually.TrueAsync(async () => await stuck.TotalAsync("vllm:num_requests_running") + await stuck.TotalAsync("vllm:num_requests_waiting") == 1);

        await gone.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both);

        foreach (var engine in new[] { prefill, decode })
        {
            await Eventually.TrueAsync(async () => await engine.TotalAsync("vllm:num_requests_running") == 0 && await engine.TotalAsync("vllm:kv_cache_usage_perc") == 0);
        }
    }

    private static Task<RunningSimulator> StartAsync(params string[] args) => RunningSimulator.StartAsync(["--kv-transfer-config", Connector, .. args]);

    private static async Task<JsonNode> AskAsync(RunningSimulator prefill, RunningSimulator decode, int seed, int start = 0, int? prefillRank = null, int? decodeRank = null)
    {
        var first = await prefill.AskAsync("/v1/completions", Prefill(Body(seed, start)), prefillRank);
        return await decode.AskAsync("/v1/completions", Decode(Body(seed, start), first["kv_transfer_params"]!), decodeRank);
    }

    private static async Task<string> PostAsync(RunningSimulator engine, JsonObject body, CancellationToken gone)
    {
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await engine.Client.PostAsync("/v1/completions", content, gone);
        return await response.Content.ReadAsStringAsync(gone);
    }

    private static JsonObject Body(int seed = 0, int start = 0) => new()
    {
        ["prompt"] = new JsonArray([.. Enumerable.Range(start, 40).Select(token => (JsonNode)token)]),
        ["max_tokens"] = 20,
        ["seed"] = seed,
    };

    private static JsonObject Prefill(JsonObject body)
    {
        body["kv_transfer_params"] = JsonNode.Parse(
            """{"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,"remote_host":null,"remote_port":null}""");
        return body;
    }

    private static JsonObject Decode(JsonObject body, JsonNode transfer)
    {
        body["kv_transfer_params"] = transfer.DeepClone();
        return body;
    }

    private static string? Text(JsonNode answer) => (string?)answer["choices"]![0]!["text"];
}
