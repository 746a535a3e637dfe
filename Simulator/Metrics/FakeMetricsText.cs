using System.Buffers;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.FakeMetrics;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>Invented metrics in the place of an engine's own, under the same names and labels; every rank tells the same.</summary>
internal sealed class FakeMetricsText
{
    private readonly PrometheusTextWriter _text;
    private readonly ServedEngine _engine;
    private readonly FakeMetricSet _set;
    private readonly MetricLabel[][] _ranks;

    private FakeMetricsText(IBufferWriter<byte> output, ServedEngine engine, FakeMetricSet set)
    {
        _text = new PrometheusTextWriter(output);
        _engine = engine;
        _set = set;
        _ranks = [.. engine.Ranks.Select(rank => (MetricLabel[])[new("model_name", engine.Name), EngineMetricsText.RankLabel(rank.Index)])];
    }

    /// <param name="elapsed">How long the functions of time have run.</param>
    public static void Write(IBufferWriter<byte> output, ServedEngine engine, FakeMetricSet set, TimeSpan elapsed)
    {
        var text = new FakeMetricsText(output, engine, set);
        text.Number("vllm:num_requests_running", MetricType.Gauge, set.Gauge("running-requests", elapsed));
        text.Number("vllm:num_requests_waiting", MetricType.Gauge, set.Gauge("waiting-requests", elapsed));
        text.Number("vllm:kv_cache_usage_perc", MetricType.Gauge, set.Gauge("kv-cache-usage", elapsed));
        text.WriteAdapters();
        text.Number("vllm:prompt_tokens_total", MetricType.Counter, set.Counter("total-prompt-tokens", "request-prompt-tokens"));
        text.Number("vllm:generation_tokens_total", MetricType.Counter, set.Counter("total-generation-tokens", "request-generation-tokens"));
        text.Number("vllm:prefix_cache_queries_total", MetricType.Counter, set.Counter("prefix-cache-queries"));
        text.Number("vllm:prefix_cache_hits_total", MetricType.Counter, set.Counter("prefix-cache-hits"));
        text.WriteFinished();
        foreach (var (key, metric, bounds) in FakeMetricSet.BucketKeys)
        {
            text.Histogram(metric, bounds, Padded(set.List(key), bounds.Length + 1));
        }

        foreach (var (key, metric) in FakeMetricSet.SampleKeys)
        {
            text.Samples(metric, set.List(key));
        }

        EngineMetricsText.WriteCacheConfiguration(text._text, engine.Options, engine.Ranks.Count);
    }

    private static long[] Padded(ReadOnlySpan<long> counts, int length)
    {
        var padded = new long[length];
        counts.CopyTo(padded);
        return padded;
    }

    private void Number(string name, MetricType type, double value)
    {
        _text.WriteFamily(name, type, "An invented number.");
        foreach (var labels in _ranks)
        {
            _text.WriteSample(name, labels, value);
        }
    }

    private void WriteFinished()
    {
        const string Name = "vllm:request_success_total";
        _text.WriteFamily(Name, MetricType.Counter, "Invented numbers of requests, by reason.");
        foreach (var labels in _ranks)
        {
            foreach (var reason in _set.Finished.Keys.Union(["stop", "length", "abort"]))
            {
                _text.WriteSample(Name, [.. labels, new("finished_reason", reason)], _set.Finished.GetValueOrDefault(reason));
            }
        }
    }

    private void WriteAdapters()
    {
        if (_set.Loras.Count > 0)
        {
            // Equal series would be one with two values.
            EngineMetricsText.WriteAdapters(_text, _engine, _set.Loras.DistinctBy(lora => (lora.Running, lora.Waiting)));
        }
    }

    /// <summary>Observations lie in the middle of their bucket; those above the last bound lie on it.</summary>
    private void Histogram(string name, double[] bounds, long[] counts)
    {
        var sum = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i] * (i == bounds.Length ? bounds[^1] : ((i == 0 ? 0 : bounds[i - 1]) + bounds[i]) / 2);
        }

        _text.WriteFamily(name, MetricType.Histogram, "Invented observations.");
        foreach (var labels in _ranks)
        {
            _text.WriteHistogram(name, labels, bounds, counts, sum);
        }
    }

    private void Samples(string name, ReadOnlySpan<long> samples)
    {
        var histogram = new Histogram(Buckets.Tokens(_engine.Options.MaxModelLength));
        foreach (var sample in samples)
        {
            histogram.Observe(sample);
        }

        _text.WriteFamily(name, MetricType.Histogram, "Invented observations.");
        foreach (var labels in _ranks)
        {
            _text.WriteHistogram(name, labels, histogram.Bounds, histogram.Counts, histogram.Sum);
        }
    }
}
