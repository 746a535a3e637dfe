using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Epp.Tests;

/// <summary>What the picker learns from the engines, and how it notices that one is away.</summary>
public sealed class EngineTests
{
    private const string Body = """{"model":"m","prompt":"hello"}""";

    private const string TwoRanks = """
        # HELP vllm:num_requests_waiting x
        vllm:num_requests_waiting{engine="0",model_name="m"} 3
        vllm:num_requests_waiting{engine="1",model_name="m"} 0
        vllm:num_requests_running{engine="0",model_name="m"} 5
        vllm:num_requests_running{engine="1",model_name="m"} 1
        vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.5
        vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.1
        vllm:cache_config_info{engine="0",block_size="16",num_gpu_blocks="1000"} 1
        vllm:lora_requests_info{max_lora="4",running_lora_adapters="a, b",waiting_lora_adapters=""} 20
        vllm:lora_requests_info{max_lora="4",running_lora_adapters="old",waiting_lora_adapters=""} 10
        http_requests_total 7
        """;

    [Fact]
    public void Reading_KeepsRanksApart_AndSumsThemForTheWholeEngine()
    {
        var reading = EngineMetricsReader.Read(System.Text.Encoding.UTF8.GetBytes(TwoRanks), at: 9);

        var (first, second, whole) = (reading.LoadOf(0), reading.LoadOf(1), reading.LoadOf(null));
        Assert.Equal((3, 5, 0.5, 16, 1000), (first.Waiting, first.Running, first.KvUsage, first.BlockSize, first.BlockCount));
        Assert.Equal((0, 1, 0.1), (second.Waiting, second.Running, second.KvUsage));
        Assert.Equal((3, 6), (whole.Waiting, whole.Running));
        Assert.Equal(["a", "b"], EngineMetricsReader.Read("vllm:lora_requests_info{running_lora_adapters=\"a,b\"} 1\n"u8, 0).LoadOf(null).RunningLoras);
    }

    [Fact]
    public void Pace_SlowsDownWhileNothingChanges_AndNotBelowHalfTheThresholdWhileRequestsFlow()
    {
        var pace = new ScrapePace(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
        var wait = TimeSpan.FromMilliseconds(50);
        for (var i = 0; i < 20; i++)
        {
            wait = pace.Next(wait, changed: false, busy: true, failures: 0);
        }

        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        Assert.Equal(TimeSpan.FromSeconds(2), pace.Next(wait, changed: false, busy: false, failures: 0));
        Assert.Equal(TimeSpan.FromSeconds(5), pace.Next(TimeSpan.FromSeconds(4), changed: false, busy: false, failures: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(50), pace.Next(wait, changed: true, busy: false, failures: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(50), pace.Next(wait, changed: false, busy: false, failures: 1));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Next(wait, changed: false, busy: true, failures: 5));
    }

    [Fact]
    public void FirstRequestAfterAQuietTime_RingsTheBell()
    {
        var clock = new ManualTimeProvider();
        var traffic = new Traffic(clock);
        var first = traffic.Bell;
        traffic.Note();
        Assert.True(first.IsCompleted && traffic.IsBusy);

        var second = traffic.Bell;
        traffic.Note();
        Assert.False(second.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(traffic.IsBusy);
        traffic.Note();
        Assert.True(second.IsCompleted);
    }

    [Fact]
    public async Task ShorterQueue_GetsTheRequest_RankByRank()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        engine.Metrics = TwoRanks;
        await using var epp = await RunningEpp.StartAsync(engine.Url + "@0..1");
        await Eventually.TrueAsync(() => epp.Pool.All[0].Load.Waiting == 3);

        Assert.Equal("1", (await epp.PickAsync(Body)).Set("x-data-parallel-rank"));
        Assert.Equal(3, await epp.MetricAsync("llm_d_epp_per_endpoint_queue_size", "@0"));
    }

    [Fact]
    public async Task DeadEngine_GetsNothing_UntilItIsBack()
    {
        await using var alive = await ScriptedEngine.StartAsync();
        var dies = await ScriptedEngine.StartAsync();
        var port = dies.Port;
        await using var epp = await RunningEpp.StartAsync($"{alive.Url},{dies.Url}");
        await dies.DisposeAsync();
        await Eventually.TrueAsync(() => epp.Pool.Ready.Length == 1);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(new Uri(alive.Url).Authority, (await epp.PickAsync($$"""{"model":"m","prompt":"{{i}}"}""")).Metadata());
        }

        await using var back = await ScriptedEngine.StartAsync(port: port);
        await Eventually.TrueAsync(() => epp.Pool.Ready.Length == 2);
    }

    [Fact]
    public async Task AllEnginesDead_Gets503()
    {
        await using var epp = await RunningEpp.StartAsync($"http://127.0.0.1:{TestPorts.Free()}");
        await Eventually.TrueAsync(() => epp.Pool.Ready.Length == 0);

        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);
    }

    [Fact]
    public async Task WithoutPluginsThatReadLoad_EnginesAreOnlyAskedWhetherTheyLive()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url, "--config-text", "{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: random-picker}]}");
        await Eventually.TrueAsync(() => epp.Pool.All[0].Load.ReadAt > 0);

        Assert.Equal(0, engine.MetricsReads);
    }

    [Fact]
    public void Pool_KeepsEndpointsThatStay_AndReusesSlots()
    {
        var pool = new EndpointPool();
        pool.Set(Declare("http://a:1", "http://b:1"));
        var b = pool.All[1];
        pool.Set(Declare("http://b:1", "http://c:1", "http://d:1"));

        Assert.Same(b, pool.All[0]);
        Assert.Equal([1, 0, 2], pool.All.Select(endpoint => endpoint.Slot));

        pool.SetAway(b, true);
        Assert.Equal(["http://c:1", "http://d:1"], pool.Ready.Select(endpoint => endpoint.Name));
    }

    [Theory]
    [InlineData("http://a:1@0..2;llm-d.ai/role=prefill;zone=x", "http://a:1@0 http://a:1@1 http://a:1@2")]
    [InlineData("a:1", "http://a:1")]
    [InlineData("http://[::1]:1@4", "http://[::1]:1@4")]
    public void EndpointText_IsRead(string text, string expected)
    {
        var endpoints = new List<EndpointDeclaration>();

        Assert.Null(EndpointText.Read(text, endpoints));
        Assert.Equal(expected.Split(' '), endpoints.Select(endpoint => endpoint.Id.ToString()));
        Assert.All(endpoints, endpoint => Assert.Equal(text.Contains(';', StringComparison.Ordinal) ? "prefill" : null, endpoint.Labels.GetValueOrDefault("llm-d.ai/role")));
    }

    [Theory]
    [InlineData("http://a:1@2..1")]
    [InlineData("http://a:1@0..99999")]
    [InlineData("http://a:1;role")]
    [InlineData("ftp://a:1")]
    public void EndpointText_ThatMakesNoSense_IsRefused(string text)
    {
        Assert.NotNull(EndpointText.Read(text, []));
    }

    [Fact]
    public void EndpointsFile_IsRead_AndItsMistakesAreTold()
    {
        var mistakes = new List<string>();
        var endpoints = EndpointsFile.Read("""
            - url: http://a:1
              labels: {llm-d.ai/role: decode}
              ranks: 2
            - url: http://b:1
              ranks: [0, 3]
            - http://c:1
            """, mistakes);

        Assert.Empty(mistakes);
        Assert.Equal("http://a:1@0 http://a:1@1 http://b:1@0 http://b:1@3 http://c:1", string.Join(' ', endpoints.Select(endpoint => endpoint.Id)));
        Assert.Empty(EndpointsFile.Read("[]", mistakes));
        _ = EndpointsFile.Read("- {url: 'ftp://x', rank: 1}\n- {url: http://a:1}\n- {url: http://a:1}\n", mistakes);
        Assert.Equal(3, mistakes.Count);
    }

    private static List<EndpointDeclaration> Declare(params string[] urls)
    {
        var endpoints = new List<EndpointDeclaration>();
        foreach (var url in urls)
        {
            Assert.Null(EndpointText.Read(url, endpoints));
        }

        return endpoints;
    }
}
