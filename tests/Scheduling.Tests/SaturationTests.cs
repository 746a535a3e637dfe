using LlmdAspire.Scheduling.Configuration;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Saturation;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Scheduling.Tests;

public sealed class SaturationTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Utilization_OfAnEndpoint_IsItsFullerHalf_AndOfAPool_TheMean()
    {
        var endpoints = Engines.Of(Load(waiting: 5), Load(waiting: 1, kv: 0.4), Load(waiting: 10));

        Assert.Equal((1 + 0.5 + 2) / 3, Utilization().Measure(endpoints), 6);
        Assert.Equal(0, Utilization().Measure(Engines.Of(Load())));
        Assert.Equal(1, Utilization().Measure([]));
    }

    [Fact]
    public void Utilization_TakesOldNumbersForFull_WhenNewerOnesWereDue()
    {
        var endpoints = Engines.Of(Load(dueIn: TimeSpan.FromSeconds(5)), Load(dueIn: TimeSpan.FromMilliseconds(50)), EngineLoad.Unknown);
        Assert.Equal(1.0 / 3, Utilization().Measure(endpoints), 6);

        _clock.Advance(TimeSpan.FromMilliseconds(240));
        Assert.Equal(1.0 / 3, Utilization().Measure(endpoints), 6);

        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(2.0 / 3, Utilization().Measure(endpoints), 6);

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Utilization().Measure(endpoints));
    }

    [Fact]
    public void Utilization_AsAFilter_KeepsWhatIsWithinItsLimits_OrAll()
    {
        var endpoints = Engines.Of(Load(waiting: 5), Load(waiting: 4), Load(kv: 0.9), Load(kv: 0.79));

        Assert.Equal([1, 3], Utilization().Keep(endpoints));
        Assert.Equal([0, 1, 2, 3], Utilization(headroom: 0.2).Keep(endpoints));
        Assert.Equal([0, 1], Utilization().Keep(Engines.Of(Load(waiting: 9), Load(kv: 1))));
    }

    [Theory]
    [InlineData("requests", 0.4)]
    [InlineData("tokens", 0.6)]
    [InlineData("hybrid", 0.6)]
    public void Concurrency_IsWhatIsUnderWay_AgainstWhatFits(string mode, double saturation)
    {
        var endpoints = Engines.Count(2);
        for (var i = 0; i < 8; i++)
        {
            endpoints[0].Begin(tokens: 150);
        }

        var scheduler = EndpointPickerConfig.Load($$"""
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - type: random-picker
            - {type: concurrency-detector, name: full, parameters: {concurrencyMode: {{mode}}, maxConcurrency: 10, maxTokenConcurrency: 1000} }
            flowControl: {saturationDetector: {pluginRef: full} }
            schedulingProfiles: [{name: default, plugins: [{pluginRef: random-picker}]}]
            """);

        Assert.Equal(saturation, scheduler.Saturation.Measure(endpoints), 6);
        Assert.Equal(1, scheduler.Saturation.Measure([]));
        Assert.False(scheduler.ReadsEngineMetrics);
    }

    [Fact]
    public void Concurrency_AsAFilter_KeepsWhoHasRoom_OrAll()
    {
        var endpoints = Engines.Count(2);
        endpoints[0].Begin(1);
        endpoints[0].Begin(1);
        var detector = new ConcurrencyDetector(ConcurrencyMode.Requests, maxRequests: 2, maxTokens: 1, headroom: 0);

        Assert.Equal([1], detector.Keep(endpoints));
        Assert.Equal([0], detector.Keep([endpoints[0]]));
    }

    // Who has no use for engines' numbers is not made to read them.
    [Fact]
    public void WithoutADetectorOfItsOwn_AConfigurationHasUtilization_AndReadsNoMetricsForIt()
    {
        var scheduler = EndpointPickerConfig.Load("""
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins: [{type: random-picker}]
            """);

        _ = Assert.IsType<UtilizationDetector>(scheduler.Saturation);
        Assert.False(scheduler.ReadsEngineMetrics);
    }

    private UtilizationDetector Utilization(double headroom = 0) =>
        new(UtilizationDetector.DefaultQueueDepth, UtilizationDetector.DefaultKvCache, UtilizationDetector.DefaultStaleness, headroom, _clock);

    private EngineLoad Load(int waiting = 0, double kv = 0, TimeSpan dueIn = default) =>
        new() { Waiting = waiting, KvUsage = kv, ReadAt = _clock.GetTimestamp(), DueAt = _clock.GetTimestamp() + (long)(dueIn.TotalSeconds * _clock.TimestampFrequency) };
}
