using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using LlmdAspire.ServiceDefaults.Metrics;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmdAspire.ServiceDefaults.Tests.Metrics;

public sealed class MetricRegistryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricRegistry _registry;
    private readonly Meter _meter;

    public MetricRegistryTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _registry = new MetricRegistry(factory, NullLogger<MetricRegistry>.Instance);
        _meter = factory.Create("LlmdAspire.Tests");
    }

    public void Dispose()
    {
        _registry.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Counter_AddsUpPerLabelSet_WhateverTheOrderOfTags()
    {
        var counter = _meter.CreateCounter<long>("llmd.test.requests", "{request}", "Requests.");
        counter.Add(1, Tag("a", 1), Tag("b", true));
        counter.Add(2, Tag("b", true), Tag("a", 1));
        counter.Add(4, Tag("a", 2), Tag("b", true));

        Assert.Equal(
            """
            # HELP llmd_test_requests_total Requests.
            # TYPE llmd_test_requests_total counter
            llmd_test_requests_total{a="1",b="true"} 3
            llmd_test_requests_total{a="2",b="true"} 4
            """,
            Read("llmd_test_requests"));
    }

    [Fact]
    public void UpDownCounterAndGauges_AreGauges()
    {
        _meter.CreateUpDownCounter<int>("llmd.test.running").Add(3);
        _meter.CreateUpDownCounter<int>("llmd.test.running").Add(-1);
        var gauge = _meter.CreateGauge<double>("llmd.test.share", "1");
        gauge.Record(0.25);
        gauge.Record(0.5);
        _meter.CreateObservableGauge("llmd.test.size", () => 42L, "By");

        Assert.Equal(
            """
            # TYPE llmd_test_running gauge
            llmd_test_running 2
            # TYPE llmd_test_share_ratio gauge
            llmd_test_share_ratio 0.5
            # TYPE llmd_test_size_bytes gauge
            llmd_test_size_bytes 42
            """,
            Read("llmd_test"));
    }

    [Fact]
    public void Histogram_UsesAdvisedBuckets_CountsBoundsInclusively()
    {
        var histogram = _meter.CreateHistogram(
            "llmd.test.duration", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 30])
        {
            histogram.Record(value, Tag("path", "/x"));
        }

        Assert.Equal(
            """
            # HELP llmd_test_duration_seconds Time.
            # TYPE llmd_test_duration_seconds histogram
            llmd_test_duration_seconds_bucket{path="/x",le="0.1"} 2
            llmd_test_duration_seconds_bucket{path="/x",le="1"} 3
            llmd_test_duration_seconds_bucket{path="/x",le="+Inf"} 4
            llmd_test_duration_seconds_sum{path="/x"} 30.65
            llmd_test_duration_seconds_count{path="/x"} 4
            """,
            Read("llmd_test"));
    }

    [Theory]
    [InlineData("s", "le=\"0.005\"")]
    [InlineData("By", "le=\"1024\"")]
    [InlineData("{token}", "le=\"10000\"")]
    public void Histogram_WithoutAdvice_TakesBucketsThatSuitItsUnit(string unit, string bucket)
    {
        _meter.CreateHistogram<long>("llmd.test.amount", unit).Record(1);

        Assert.Contains(bucket, Read("llmd_test"), StringComparison.Ordinal);
    }

    [Fact]
    public void ObservableSeries_DisappearWhenNoLongerObserved()
    {
        string[] workers = ["a", "b"];
        _meter.CreateObservableGauge("llmd.test.load", () => workers.Select(worker => new Measurement<int>(1, Tag("worker", worker))));
        var before = Read("llmd_test_load{");
        workers = ["b"];

        Assert.Equal("llmd_test_load{worker=\"a\"} 1\nllmd_test_load{worker=\"b\"} 1", before);
        Assert.Equal("llmd_test_load{worker=\"b\"} 1", Read("llmd_test_load{"));
    }

    [Fact]
    public void ObservableCounter_IsTheObservedValueNotASum()
    {
        _meter.CreateObservableCounter("llmd.test.bytes", () => 10L, "By");

        Read("llmd");

        Assert.Contains("llmd_test_bytes_total 10", Read("llmd_test_bytes"), StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenObserver_DoesNotHideTheOthers()
    {
        _meter.CreateObservableGauge("llmd.test.broken", int () => throw new InvalidOperationException("broken as asked"));
        _meter.CreateObservableGauge("llmd.test.whole", () => 1);

        Assert.Contains("llmd_test_whole 1", Read("llmd_test"), StringComparison.Ordinal);
    }

    [Fact]
    public void ExactNames_AreKept()
    {
        _meter.CreateObservableGauge("vllm:num_requests_running", () => new Measurement<int>(2, Tag("engine", "0")));
        _meter.CreateCounter<long>("llmd.test.routed", "{request}", null, [ExactName.Tag("vllm_router_requests_total")]).Add(1);

        Assert.Contains("vllm:num_requests_running{engine=\"0\"} 2", Read("vllm:"), StringComparison.Ordinal);
        Assert.Contains("vllm_router_requests_total 1", Read("vllm_router"), StringComparison.Ordinal);
    }

    [Fact]
    public void SameNameForTwoTypes_TheFirstWins()
    {
        _meter.CreateCounter<long>("llmd.test.thing").Add(1);
        _meter.CreateGauge<long>("llmd.test.thing.total").Record(5);

        Assert.Equal("# TYPE llmd_test_thing_total counter\nllmd_test_thing_total 1", Read("llmd_test_thing_total"));
    }

    [Fact]
    public void TooManyLabelSets_AreDroppedAndCounted()
    {
        var counter = _meter.CreateCounter<int>("llmd.test.users");
        for (var user = 0; user < MetricFamily.MaxSeries + 5; user++)
        {
            counter.Add(1, Tag("user", user));
        }

        Assert.Equal(MetricFamily.MaxSeries, Read("llmd_test_users_total{").Split('\n').Length);
        Assert.Contains("llmd_metrics_dropped_measurements_total{metric=\"llmd_test_users_total\"} 5", Read("llmd_metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherApplicationsMeter_IsNotShown()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("LlmdAspire.Other").CreateCounter<int>("llmd.other").Add(1);

        Assert.Equal("", Read("llmd_other"));
    }

    [Fact]
    public void DisposedMeter_LeavesNothingBehind()
    {
        using (var meter = new Meter("LlmdAspire.Short"))
        {
            meter.CreateCounter<int>("llmd.short").Add(1);
            Assert.NotEqual("", Read("llmd_short"));
        }

        Assert.Equal("", Read("llmd_short"));
    }

    [Fact]
    public async Task Recording_FromManyThreads_LosesNothing()
    {
        var whole = _meter.CreateCounter<long>("llmd.test.whole");
        var fractions = _meter.CreateHistogram<double>("llmd.test.fractions");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                whole.Add(1, Tag("kind", i % 3));
                fractions.Record(0.5);
            }
        })));

        Assert.Contains("llmd_test_fractions_sum 20000\nllmd_test_fractions_count 40000", Read("llmd_test_fractions"), StringComparison.Ordinal);
        var total = Read("llmd_test_whole_total{").Split('\n').Sum(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(40_000, total);
    }

    [Fact]
    public async Task AnyNameAndValue_IsSomethingPromtoolReads()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var counter = _meter.CreateCounter<double>("llmd." + Noise(random), Noise(random), Noise(random));
            counter.Add(random.NextDouble(), Tag(Noise(random), Noise(random)), Tag(Noise(random), null), Tag("le", 1));
            var histogram = _meter.CreateHistogram<double>("llmd.h." + Noise(random), Noise(random), Noise(random));
            histogram.Record(i % 3 == 0 ? double.NaN : random.NextDouble() * 100, Tag("a.b", 1), Tag("a_b", 2), Tag("le", "x"));
        }

        Assert.Null(await Promtool.FindParseErrorAsync(Text()));
    }

    private static string Noise(Random random)
    {
        const string Letters = "ab_:.-{}\"\\\n\té世0/ %";
        return new string([.. Enumerable.Range(0, random.Next(0, 9)).Select(_ => Letters[random.Next(Letters.Length)])]);
    }

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    // The lines about names that begin like this, in alphabetical order of their samples.
    private string Read(string prefix)
    {
        var lines = Text().Split('\n').Where(line => line.Replace("# HELP ", "", StringComparison.Ordinal).Replace("# TYPE ", "", StringComparison.Ordinal)
            .StartsWith(prefix, StringComparison.Ordinal)).ToList();
        // Series of one family stand in no particular order; buckets do.
        var isSortable = lines.Count(line => line.StartsWith("# TYPE", StringComparison.Ordinal)) <= 1 && !lines.Exists(line => line.Contains("le=", StringComparison.Ordinal));
        return string.Join('\n', isSortable ? [.. lines.OrderBy(line => line[0] != '#').ThenBy(line => line, StringComparer.Ordinal)] : lines);
    }

    private string Text()
    {
        var buffer = new ArrayBufferWriter<byte>();
        _registry.Write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
