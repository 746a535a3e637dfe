using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.Protocols.Tests.Prometheus;

public sealed class MetricNamesTests
{
    [Theory]
    [InlineData("llmd.router.requests", "{request}", MetricType.Counter, "llmd_router_requests_total")]
    [InlineData("llmd.router.request.duration", "s", MetricType.Histogram, "llmd_router_request_duration_seconds")]
    [InlineData("llmd.wait.seconds", "s", MetricType.Histogram, "llmd_wait_seconds")]
    [InlineData("llmd.bytes", "By", MetricType.Counter, "llmd_bytes_total")]
    [InlineData("llmd.sent", "By", MetricType.Counter, "llmd_sent_bytes_total")]
    [InlineData("llmd.sent_total", null, MetricType.Counter, "llmd_sent_total")]
    [InlineData("llmd.cache.usage", "1", MetricType.Gauge, "llmd_cache_usage_ratio")]
    [InlineData("llmd.hits", "1", MetricType.Counter, "llmd_hits_total")]
    [InlineData("llmd.load", "%", MetricType.Gauge, "llmd_load_percent")]
    [InlineData("llmd.rate", "By/s", MetricType.Gauge, "llmd_rate_bytes_per_second")]
    [InlineData("llmd.rate", "{token}/s", MetricType.Gauge, "llmd_rate_per_second")]
    [InlineData("llmd.odd", "furlong", MetricType.Gauge, "llmd_odd_furlong")]
    [InlineData("llmd.none", "", MetricType.Gauge, "llmd_none")]
    [InlineData("dotnet.thread_pool.thread.count", "{thread}", MetricType.Gauge, "dotnet_thread_pool_threads")]
    [InlineData("dotnet.assembly.count", "{assembly}", MetricType.Gauge, "dotnet_assemblies")]
    public void OfInstrument_FollowsOpenTelemetry(string name, string? unit, MetricType type, string expected) =>
        Assert.Equal(expected, MetricNames.OfInstrument(name, unit, type));

    [Theory]
    [InlineData("a.b-c", "a_b_c")]
    [InlineData("a..b", "a_b")]
    [InlineData("1a", "_1a")]
    [InlineData("vllm:x", "vllm:x")]
    [InlineData("é", "_")]
    [InlineData("", "_")]
    [InlineData("__a__b", "_a_b")]
    public void ToMetricName(string name, string expected) => Assert.Equal(expected, MetricNames.ToMetricName(name));

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("a:b", "a_b")]
    [InlineData("__name__", "_name_")]
    public void ToLabelName(string name, string expected) => Assert.Equal(expected, MetricNames.ToLabelName(name));
}
