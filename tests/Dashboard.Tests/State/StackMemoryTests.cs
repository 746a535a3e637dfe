using System.Text;
using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Tests.State;

public sealed class StackMemoryTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Advance_WithTwoLooks_TellsRatesHitRatesAndPercentiles()
    {
        var memory = new StackMemory();
        memory.Advance(Look(0, Up("http://a:1", """
            vllm:generation_tokens_total 100
            vllm:prefix_cache_queries_total 1000
            vllm:prefix_cache_hits_total 900
            vllm:time_to_first_token_seconds_bucket{le="0.1"} 70
            vllm:time_to_first_token_seconds_bucket{le="+Inf"} 70
            """)));

        var state = memory.Advance(Look(2, Up("http://a:1", """
            vllm:generation_tokens_total 160
            vllm:prefix_cache_queries_total 1200
            vllm:prefix_cache_hits_total 950
            vllm:time_to_first_token_seconds_bucket{le="0.1"} 80
            vllm:time_to_first_token_seconds_bucket{le="+Inf"} 80
            """)));

        var engine = Assert.Single(state.Engines);
        Assert.Equal(30, engine.GenerationTokensPerSecond);
        Assert.Equal(0.25, engine.PrefixHitRate);
        Assert.Equal(50, engine.TimeToFirstToken.P50Ms!.Value, precision: 6);
        Assert.Equal(30, state.Totals.GenerationTokensPerSecond);
        Assert.Equal(2, state.History.Count);
    }

    [Fact]
    public void Advance_AddsUpEngines_AndLeavesOutWhatNobodySaid()
    {
        var state = new StackMemory().Advance(Look(
            0, Up("http://a:1", "vllm:num_requests_running 2\nvllm:kv_cache_usage_perc 0.5\n"), Up("http://b:1", "vllm:num_requests_running 3\n")));

        Assert.Equal(5, state.Totals.Running);
        Assert.Null(state.Totals.Waiting);
        Assert.Equal(0.5, state.Totals.KvCacheUsage);
        Assert.Equal((2, 2), (state.Totals.EnginesHealthy, state.Totals.EnginesTotal));
    }

    [Fact]
    public void Advance_WhenAnEngineIsAway_ShowsItAwayAndCountsNothingOfIt()
    {
        var memory = new StackMemory();
        memory.Advance(Look(0, Up("http://a:1", "vllm:generation_tokens_total 0\n")));
        memory.Advance(Look(1, Up("http://a:1", "vllm:generation_tokens_total 50\n")));

        var state = memory.Advance(Look(2, new WorkerReading(Engine("http://a:1"), null, "refused the connection")));

        var engine = Assert.Single(state.Engines);
        Assert.Equal(("away", "refused the connection"), (engine.State, engine.Detail));
        Assert.Null(engine.GenerationTokensPerSecond);
        Assert.Null(state.Totals.GenerationTokensPerSecond);
        Assert.Equal((0, 1), (state.Totals.EnginesHealthy, state.Totals.EnginesTotal));
    }

    [Theory]
    [InlineData(true, false, "healthy")]
    [InlineData(false, false, "unhealthy")]
    [InlineData(true, true, "draining")]
    public void Advance_ShowsTheStateTheRouterTells(bool healthy, bool draining, string expected)
    {
        var worker = Engine("http://a:1") with { IsHealthy = healthy, IsDraining = draining };

        var state = new StackMemory().Advance(Look(0, new WorkerReading(worker, Metrics("vllm:num_requests_running 0\n"), null)));

        Assert.Equal(expected, state.Engines[0].State);
    }

    [Fact]
    public void Advance_AfterAnEngineLeftAndCameBack_ComparesNothingWithItsPast()
    {
        var memory = new StackMemory();
        memory.Advance(Look(0, Up("http://a:1", "vllm:generation_tokens_total 10\n")));
        memory.Advance(Look(1));

        var state = memory.Advance(Look(2, Up("http://a:1", "vllm:generation_tokens_total 5000\n")));

        Assert.Null(state.Engines[0].GenerationTokensPerSecond);
    }

    [Fact]
    public void Advance_ForEver_KeepsABoundedHistory()
    {
        var memory = new StackMemory();
        StackState? state = null;
        for (var second = 0; second < History<object>.Capacity * 2; second++)
        {
            state = memory.Advance(Look(second, Up("http://a:1", "vllm:generation_tokens_total 1\n")));
        }

        Assert.Equal(History<object>.Capacity, state!.History.Count);
        Assert.Equal(History<object>.Capacity, state.Engines[0].History.Count);
        Assert.Equal(state.Time, state.History[^1].Time);
    }

    private static StackReading Look(int second, params WorkerReading[] workers) => new(
        s_start.AddSeconds(second), [SourceState.Up("router", new Uri("http://router:1"))], workers, [], [], null);

    private static WorkerReading Up(string url, string metrics) => new(Engine(url), Metrics(metrics), null);

    private static Worker Engine(string url) => new(url, new Uri(url), null, "m", "regular", IsHealthy: true, IsDraining: false, Load: 0);

    private static MetricsReading Metrics(string text) =>
        MetricsReading.From(Encoding.UTF8.GetBytes(text), EngineMetrics.Values, EngineMetrics.Histograms);
}
