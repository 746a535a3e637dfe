using LlmdAspire.Dashboard.Metrics;

namespace LlmdAspire.Dashboard.Tests.Metrics;

public sealed class MetricsReadingTests
{
    private static ReadOnlySpan<byte> TwoRanks => """
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running{engine="0",model_name="a \"quoted\" model"} 3
        vllm:num_requests_running{engine="1",model_name="a \"quoted\" model"} 5
        vllm:kv_cache_usage_perc{engine="0"} 0.2
        vllm:kv_cache_usage_perc{engine="1"} 0.6
        vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1"} 1
        vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf"} 2
        vllm:time_to_first_token_seconds_bucket{engine="1",le="0.1"} 10
        vllm:time_to_first_token_seconds_bucket{engine="1",le="+Inf"} 10
        something_else 1

        """u8;

    [Fact]
    public void From_WithoutARank_AddsUpAllRanks()
    {
        var reading = MetricsReading.From(TwoRanks, EngineMetrics.Values, EngineMetrics.Histograms);

        Assert.Equal(8, reading.Sum(EngineMetrics.Running));
        Assert.Equal(0.4, reading.Mean(EngineMetrics.KvCacheUsage)!.Value, precision: 9);
        Assert.Equal([11.0, 1.0], reading.Histogram(EngineMetrics.TimeToFirstToken)!.Counts);
    }

    [Fact]
    public void From_WithARank_ReadsThatRankOnly()
    {
        var reading = MetricsReading.From(TwoRanks, EngineMetrics.Values, EngineMetrics.Histograms, rank: 1);

        Assert.Equal(5, reading.Sum(EngineMetrics.Running));
        Assert.Equal([10.0, 0.0], reading.Histogram(EngineMetrics.TimeToFirstToken)!.Counts);
    }

    [Fact]
    public void Sum_OfAMetricThatIsNotThere_IsUnknown() =>
        Assert.Null(MetricsReading.From(TwoRanks, EngineMetrics.Values, EngineMetrics.Histograms).Sum(EngineMetrics.Waiting));
}
