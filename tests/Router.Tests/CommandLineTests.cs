using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--policy is 'cache-awre'; it must be one of cache_aware, consistent_hash, kv_aware, power_of_two, random, rendezvous_hash, round_robin, sticky_least_loaded.", "--policy", "cache-awre")]
    [InlineData("--worker-urls: 'http://a:8000/v1' has a path", "--worker-urls", "http://a:8000/v1")]
    [InlineData("--worker-urls: 'http://a:80' is given 2 times", "--worker-urls", "http://a:80", "http://A:80/")]
    [InlineData("--transparent-proxy is 'maybe'; it must be on or off.", "--transparent-proxy", "maybe")]
    [InlineData("--retry-jitter-factor is '3'; it must be from 0 to 1.", "--retry-jitter-factor", "3")]
    [InlineData("--queue-size is '-1'; it must be at least 0.", "--queue-size", "-1")]
    [InlineData("--vllm-pd-disaggregation needs engines for both stages", "--pd-disaggregation", "--prefill", "http://a:1")]
    [InlineData("--prefill and --decode need --vllm-pd-disaggregation", "--decode", "http://a:1")]
    [InlineData("'http://a:1' is given as --prefill and as --decode", "--vllm-pd-disaggregation", "--prefill", "http://a:1", "none", "--decode", "http://a:1")]
    [InlineData("--prefill: 'http://a:1/v1' has a path", "--vllm-pd-disaggregation", "--prefill", "http://a:1/v1", "--decode", "http://b:1")]
    [InlineData("--kv-connector is 'mooncake'; it is not supported yet; use nixl.", "--kv-connector", "mooncake")]
    [InlineData("--rank-pairing is 'some'; it must be same, engine or free.", "--rank-pairing", "some")]
    [InlineData("--decode-data-parallel-size is '0'; it must be at least 1.", "--decode-data-parallel-size", "0")]
    [InlineData("--service-discovery is not supported: this router watches no pods; ask a picker that does with --epp", "--service-discovery", "--selector", "app=vllm")]
    [InlineData("--wasm-middleware is not supported", "--wasm-middleware", "filter.wasm")]
    [InlineData("--enable-program-scheduling is not supported", "--enable-program-scheduling")]
    [InlineData("--enable-igw is not needed", "--enable-igw")]
    [InlineData("--log-dir is not supported: the log goes to standard output", "--log-dir", "/var/log")]
    [InlineData("--profile is not supported", "--profile")]
    [InlineData("--epd-config is not supported: there is no encoder stage; leave it out.", "--epd-config", "{}")]
    [InlineData("--vllm-discovery-address is not supported", "--vllm-discovery-address", "0.0.0.0:30001")]
    [InlineData("--backend is 'trtllm'; it must be vllm", "--backend", "trtllm")]
    [InlineData("--history-backend is 'memory'; it must be none", "--history-backend", "memory")]
    [InlineData("--otel-sampling-ratio is '2'; it must be from 0 to 1.", "--otel-sampling-ratio", "2")]
    [InlineData("--api-key-validation-urls: 'auth' is no address", "--api-key-validation-urls", "http://a:1/check,auth")]
    [InlineData("--epp is 'localhost:9002'; it must be a URL", "--epp", "localhost:9002")]
    [InlineData("--epp-failure-mode is 'ajar'; it must be open or close.", "--epp-failure-mode", "ajar")]
    [InlineData("--policy is 'scheduler'; it is not supported in this process yet; run the Epp", "--policy", "scheduler")]
    [InlineData("--scheduler-config is not supported in this process yet; run the Epp", "--scheduler-config", "pd.yaml")]
    [InlineData("--decode-policy is 'least_conn_sticky'; it must be one of cache_aware, ", "--decode-policy", "least_conn_sticky")]
    [InlineData("--policy kv_aware needs a KvIndexer to ask; give --kv-indexer URL", "--policy", "kv_aware")]
    [InlineData("--policy kv_aware needs a KvIndexer", "--pd-disaggregation", "--prefill", "http://a:1", "--decode", "http://b:1", "--prefill-policy", "kv_aware")]
    [InlineData("--kv-events-endpoint is the KvIndexer's business here", "--kv-events-endpoint", "http://a:1=tcp://a:2")]
    [InlineData("--kv-tokenizer-path is the KvIndexer's business here", "--kv-tokenizer-path", "x")]
    [InlineData("--cache-threshold is '30'; it must be from 0 to 1.", "--cache-threshold", "30")]
    [InlineData("--eviction-interval is '0'; it must be from 1 to 86400.", "--eviction-interval-secs", "0")]
    public async Task Mistake_IsNamedWithItsRemedy(string expected, params string[] args)
    {
        var mistake = await Assert.ThrowsAsync<UsageException>(() => new RouterService().StartAsync(["--port", "0", "--prometheus-port", "0", .. args]));

        Assert.Contains(expected, mistake.Message);
    }

    [Fact]
    public void UpstreamsFlagsWithAMeaningHere_AreTaken()
    {
        var flags = new RouterFlags();

        var exit = flags.Read(
        [
            "--backend", "vllm", "--history-backend", "none", "--enable-trace", "--otlp-traces-endpoint", "http://127.0.0.1:4317", "--otel-sampling-ratio", "0.5",
            "--api-key-validation-urls", "http://a:1/check,http://b:1/check", "http://c:1",
        ]);

        Assert.Null(exit);
        Assert.Equal(("http://127.0.0.1:4317", 0.5), (flags.OtlpEndpoint.Value, flags.OtelSamplingRatio.Value));
        Assert.Equal(["http://a:1/check", "http://b:1/check", "http://c:1/"], flags.KeyValidators.Select(url => url.ToString()));
    }

    [Fact]
    public async Task SeedsCommandLine_ListsEveryRankOfBothEngines()
    {
        string[] args =
        [
            "--pd-disaggregation", "--prefill", "http://10.2.1.187:8000", "8998", "--prefill", "http://10.2.1.188:8000", "none", "--decode", "http://10.2.1.133:8200",
            "--intra-node-data-parallel-size", "8", "--host", "127.0.0.1", "--port", "0", "--prometheus-port", "0", "--log-level", "error",
        ];
        await using var router = await new RouterService().StartAsync(args);
        using var client = new HttpClient { BaseAddress = router.Url };

        var list = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync("/workers")).RootElement;

        Assert.Equal((24, 16, 8), (list.GetProperty("total").GetInt32(), list.GetProperty("stats").GetProperty("prefill_count").GetInt32(), list.GetProperty("stats").GetProperty("decode_count").GetInt32()));
        Assert.Equal("http://10.2.1.188:8000@7", list.GetProperty("workers")[15].GetProperty("url").GetString());
    }

    [Fact]
    public async Task MetricsPort_ServesMetricsAndNoRequests()
    {
        var port = TestPorts.Free();
        await using var router = await RunningRouter.StartAsync([], "--prometheus-port", $"{port}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Contains("vllm_router_active_workers", await client.GetStringAsync("/metrics"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/v1/models")).StatusCode);
    }

    [Fact]
    public async Task Metrics_LeaveNothingToSayForPromtool()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        _ = await router.CompleteAsync();

        Assert.Null(await Promtool.FindObjectionAsync(await router.Client.GetStringAsync("/metrics")));
    }
}
