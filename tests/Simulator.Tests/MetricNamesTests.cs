using LlmdAspire.Simulator.FakeMetrics;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Every metric of vLLM that pickers, dashboards and rules read, and the invented ones.</summary>
public sealed class MetricNamesTests
{
    private const string Connector = """{"kv_connector":"NixlConnector","kv_role":"kv_both"}""";

    // vLLM's metrics that are not here, and why.
    private static readonly Dictionary<string, string> s_absent = new()
    {
        ["vllm:corrupted_requests_total"] = "opt-in in vLLM, for NaNs in logits",
        ["vllm:spec_decode_num_drafts_total"] = "only with speculative decoding",
        ["vllm:spec_decode_num_draft_tokens_total"] = "only with speculative decoding",
        ["vllm:spec_decode_num_accepted_tokens_total"] = "only with speculative decoding",
        ["vllm:spec_decode_num_accepted_tokens_per_pos_total"] = "only with speculative decoding",
        ["vllm:kv_block_lifetime_seconds"] = "opt-in sampling in vLLM",
        ["vllm:kv_block_idle_before_evict_seconds"] = "opt-in sampling in vLLM",
        ["vllm:kv_block_reuse_gap_seconds"] = "opt-in sampling in vLLM",
        ["vllm:gpu_cache_usage_perc"] = "the name of kv_cache_usage_perc up to vLLM 0.11",
        ["vllm:time_per_output_token_seconds"] = "gone since vLLM 0.15; request_time_per_output_token_seconds and inter_token_latency_seconds are there",
    };

    [Theory]
    [InlineData("vllm:num_requests_running", "gauge", "engine,model_name")]
    [InlineData("vllm:num_requests_waiting", "gauge", "engine,model_name")]
    [InlineData("vllm:num_requests_waiting_by_reason", "gauge", "engine,model_name,reason")]
    [InlineData("vllm:kv_cache_usage_perc", "gauge", "engine,model_name")]
    [InlineData("vllm:engine_sleep_state", "gauge", "engine,model_name,sleep_state")]
    [InlineData("vllm:cache_config_info", "gauge", "block_size,cache_dtype,enable_prefix_caching,engine,gpu_memory_utilization,is_attention_free,num_cpu_blocks,num_gpu_blocks,num_gpu_blocks_override,sliding_window")]
    [InlineData("vllm:lora_requests_info", "gauge", "max_lora,running_lora_adapters,waiting_lora_adapters")]
    [InlineData("vllm:prefix_cache_queries_total", "counter", "engine,model_name")]
    [InlineData("vllm:prefix_cache_hits_total", "counter", "engine,model_name")]
    [InlineData("vllm:external_prefix_cache_queries_total", "counter", "engine,model_name")]
    [InlineData("vllm:external_prefix_cache_hits_total", "counter", "engine,model_name")]
    [InlineData("vllm:mm_cache_queries_total", "counter", "engine,model_name")]
    [InlineData("vllm:mm_cache_hits_total", "counter", "engine,model_name")]
    [InlineData("vllm:num_preemptions_total", "counter", "engine,model_name")]
    [InlineData("vllm:prompt_tokens_total", "counter", "engine,model_name")]
    [InlineData("vllm:prompt_tokens_cached_total", "counter", "engine,model_name")]
    [InlineData("vllm:prompt_tokens_by_source_total", "counter", "engine,model_name,source")]
    [InlineData("vllm:generation_tokens_total", "counter", "engine,model_name")]
    [InlineData("vllm:request_success_total", "counter", "engine,finished_reason,model_name")]
    [InlineData("vllm:time_to_first_token_seconds", "histogram", ".001 .005 .01 .02 .04 .06 .08 .1 .25 .5 .75 1 2.5 5 7.5 10 20 40 80 160 640 2560")]
    [InlineData("vllm:inter_token_latency_seconds", "histogram", ".01 .025 .05 .075 .1 .15 .2 .3 .4 .5 .75 1 2.5 5 7.5 10 20 40 80")]
    [InlineData("vllm:request_time_per_output_token_seconds", "histogram", ".01 .025 .05 .075 .1 .15 .2 .3 .4 .5 .75 1 2.5 5 7.5 10 20 40 80")]
    [InlineData("vllm:e2e_request_latency_seconds", "histogram", ".3 .5 .8 1 1.5 2 2.5 5 10 15 20 30 40 50 60 120 240 480 960 1920 7680")]
    [InlineData("vllm:request_queue_time_seconds", "histogram", ".3 .5 .8 1 1.5 2 2.5 5 10 15 20 30 40 50 60 120 240 480 960 1920 7680")]
    [InlineData("vllm:request_inference_time_seconds", "histogram", ".3 .5 .8 1 1.5 2 2.5 5 10 15 20 30 40 50 60 120 240 480 960 1920 7680")]
    [InlineData("vllm:request_prefill_time_seconds", "histogram", ".3 .5 .8 1 1.5 2 2.5 5 10 15 20 30 40 50 60 120 240 480 960 1920 7680")]
    [InlineData("vllm:request_decode_time_seconds", "histogram", ".3 .5 .8 1 1.5 2 2.5 5 10 15 20 30 40 50 60 120 240 480 960 1920 7680")]
    [InlineData("vllm:request_prompt_tokens", "histogram", "1 2 5 10 20 50 100 200 500 1000")]
    [InlineData("vllm:request_generation_tokens", "histogram", "1 2 5 10 20 50 100 200 500 1000")]
    [InlineData("vllm:request_max_num_generation_tokens", "histogram", "1 2 5 10 20 50 100 200 500 1000")]
    [InlineData("vllm:request_params_max_tokens", "histogram", "1 2 5 10 20 50 100 200 500 1000")]
    [InlineData("vllm:request_prefill_kv_computed_tokens", "histogram", "1 2 5 10 20 50 100 200 500 1000")]
    [InlineData("vllm:request_params_n", "histogram", "1 2 5 10 20")]
    [InlineData("vllm:iteration_tokens_total", "histogram", "1 8 16 32 64 128 256 512 1024 2048 4096 8192 16384")]
    [InlineData("vllm:nixl_xfer_time_seconds", "histogram", ".001 .005 .01 .025 .05 .075 .1 .2 .3 .5 .75 1 5")]
    [InlineData("vllm:nixl_num_failed_transfers_total", "counter", "engine,model_name")]
    [InlineData("vllm:nixl_num_failed_notifications_total", "counter", "engine,model_name")]
    [InlineData("vllm:nixl_num_kv_expired_reqs_total", "counter", "engine,model_name")]
    [InlineData("http_requests_total", "counter", "handler,method,status")]
    [InlineData("http_request_duration_seconds", "histogram", ".1 .5 1")]
    public async Task Metric_IsThere_WithVllmsLabelsOrBuckets(string name, string type, string labelsOrBuckets)
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-model-len", "1024", "--enable-lora", "--kv-transfer-config", Connector);
        _ = await simulator.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":3,"n":2}""");
        string[] lines = [];
        string[] series = [];
        await Eventually.TrueAsync(async () =>
        {
            // A request is counted once it is over, which its client may know a little earlier.
            lines = (await simulator.Client.GetStringAsync("/metrics")).Split('\n');
            series = [.. lines.Where(line => line.StartsWith(type == "histogram" ? $"{name}_bucket{{" : $"{name}{{", StringComparison.Ordinal))];
            return series.Length > 0;
        });
        Assert.Single(lines, $"# TYPE {name} {type}");
        if (type == "histogram")
        {
            Assert.Equal(
                labelsOrBuckets.Split(' ').Select(bound => double.Parse(bound, System.Globalization.CultureInfo.InvariantCulture)).Append(double.PositiveInfinity),
                series.Select(Bound));
            return;
        }

        Assert.All(series, line => Assert.Equal(labelsOrBuckets, string.Join(',', Labels(line).Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task Metrics_ThatOthersRead_AreThereOrAbsentForAReason()
    {
        await using var simulator = await RunningSimulator.StartAsync("--enable-lora", "--kv-transfer-config", Connector);
        var text = await simulator.Client.GetStringAsync("/metrics");
        var root = FindRepository();
        var read = NamesIn(root, "Scheduling", "Epp", "Dashboard", "Router", "Hosting", "AppHost").Concat(NamesIn(Path.Combine(root, "..", "shared", "reference"), "")).Distinct().ToArray();

        Assert.NotEmpty(read);
        Assert.All(read, name => Assert.True(text.Contains($"# TYPE {name} ", StringComparison.Ordinal) || s_absent.ContainsKey(Family(name)) || text.Contains($"# TYPE {Family(name)} ", StringComparison.Ordinal), name));
        Assert.All(s_absent.Keys, name => Assert.DoesNotContain($"# TYPE {name} ", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FakeMetrics_StandInThePlaceOfTheReal()
    {
        await using var simulator = await RunningSimulator.StartAsync("--fake-metrics", """
            {"running-requests":7,"waiting-requests":"ramp:0:10:1ms","kv-cache-usage":0.25,"loras":[{"running":"a,b","waiting":"c","timestamp":12.5}],
             "ttft-buckets-values":[1,2],"request-prompt-tokens":[10,20],"request-success-total":{"stop":5},"prefix-cache-hits":3,"prefix-cache-queries":9}
            """, "--fake-metrics-refresh-interval", "1ms");
        _ = await simulator.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":3}""");

        Assert.Equal(7, await simulator.MetricAsync("vllm:num_requests_running{"));
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_waiting{") == 10);
        Assert.Equal(0.25, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
        Assert.Equal(12.5, await simulator.MetricAsync("vllm:lora_requests_info{max_lora=\"1\",waiting_lora_adapters=\"c\",running_lora_adapters=\"a,b\"}"));
        Assert.Equal(3, await simulator.MetricAsync("vllm:time_to_first_token_seconds_count{"));
        Assert.Equal(30, await simulator.MetricAsync("vllm:prompt_tokens_total{"));
        Assert.Equal(0, await simulator.MetricAsync("vllm:generation_tokens_total{"));
        Assert.Equal(5, await simulator.MetricAsync($"vllm:request_success_total{{model_name=\"{RunningSimulator.Model}\",engine=\"0\",finished_reason=\"stop\"}}"));
        if (Promtool.Missing is null)
        {
            Assert.Null(await Promtool.FindParseErrorAsync(await simulator.Client.GetStringAsync("/metrics")));
        }

        var changed = await simulator.AskAsync("/fake_metrics", """{"running-requests":8}""");
        Assert.Equal((8, 0.25), ((int)changed["fake-metrics"]!["running-requests"]!, (double)changed["fake-metrics"]!["kv-cache-usage"]!));
        var wrong = await simulator.AskAsync("/admin/config", """{"fake-metrics":{"running-requests":-1}}""");
        Assert.Equal("fake-metrics", (string?)wrong["error"]!["param"]);
        Assert.Equal(8, await simulator.MetricAsync("vllm:num_requests_running{"));
        _ = await simulator.AskAsync("/admin/config", """{"fake-metrics":null}""");
        Assert.Equal(3, await simulator.MetricAsync("vllm:generation_tokens_total{"));
    }

    [Theory]
    [InlineData("oscillate:0:10:4s", 0, 5)]
    [InlineData("oscillate:0:10:4s", 1, 10)]
    [InlineData("oscillate:0:10:4s", 3, 0)]
    [InlineData("ramp:10:0:4s", 1, 7.5)]
    [InlineData("ramp:10:0:4s", 9, 0)]
    [InlineData("rampreset:0:8:4s", 5, 2)]
    [InlineData("squarewave:1:9:4s", 1, 1)]
    [InlineData("squarewave:1:9:4s", 3, 9)]
    public void FakeValue_IsAFunctionOfTime(string function, double seconds, double value)
    {
        Assert.Null(FakeValue.Read(System.Text.Json.JsonSerializer.SerializeToElement(function), out var fake));
        Assert.Equal(value, fake.At(TimeSpan.FromSeconds(seconds)), 9);
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LlmdAspire.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("There is no LlmdAspire.sln above the tests.");
        }

        return folder;
    }

    /// <summary>Every vLLM metric that files in some folders name; an absent folder names none.</summary>
    private static IEnumerable<string> NamesIn(string root, params string[] folders) =>
        folders.Select(folder => Path.Combine(root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".yaml" or ".yml" or ".json" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), "vllm:[a-z0-9_]+").Select(match => match.Value));

    private static string Family(string name) =>
        name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length]
        : name.EndsWith("_sum", StringComparison.Ordinal) ? name[..^"_sum".Length]
        : name.EndsWith("_count", StringComparison.Ordinal) ? name[..^"_count".Length]
        : name;

    private static double Bound(string line)
    {
        var start = line.IndexOf("le=\"", StringComparison.Ordinal) + 4;
        var text = line[start..line.IndexOf('"', start)];
        return text == "+Inf" ? double.PositiveInfinity : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Labels(string line) =>
        System.Text.RegularExpressions.Regex.Matches(line, "([a-z_]+)=\"").Select(match => match.Groups[1].Value);
}
