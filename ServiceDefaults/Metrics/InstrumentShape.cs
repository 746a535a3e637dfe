using System.Diagnostics.Metrics;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>How an instrument becomes a metric family.</summary>
internal static class InstrumentShape
{
    // OpenTelemetry's advice for durations in seconds, and its defaults for everything else.
    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] s_general = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
    private static readonly double[] s_bytes = [1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    /// <summary>The type, or null for an instrument this program does not know.</summary>
    public static MetricType? TypeOf(Instrument instrument)
    {
        var kind = Definition(instrument);
        if (kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>))
        {
            return MetricType.Counter;
        }

        if (kind == typeof(Histogram<>))
        {
            return MetricType.Histogram;
        }

        return kind == typeof(UpDownCounter<>) || kind == typeof(ObservableUpDownCounter<>) || kind == typeof(Gauge<>) || kind == typeof(ObservableGauge<>)
            ? MetricType.Gauge
            : null;
    }

    /// <summary>Whether a measurement replaces the value instead of adding to it.</summary>
    public static bool IsLastValue(Instrument instrument) => Definition(instrument) == typeof(Gauge<>);

    /// <summary>The name to expose: a name with a colon as it is, else the one <see cref="ExactName"/> gives, else OpenTelemetry's way.</summary>
    public static string NameOf(Instrument instrument, MetricType type)
    {
        if (instrument.Name.Contains(':', StringComparison.Ordinal))
        {
            return MetricNames.ToMetricName(instrument.Name);
        }

        foreach (var (key, value) in instrument.Tags ?? [])
        {
            if (key == ExactName.TagName && value is string exact)
            {
                return MetricNames.ToMetricName(exact);
            }
        }

        return MetricNames.OfInstrument(instrument.Name, instrument.Unit, type);
    }

    /// <summary>The bucket bounds that the instrument advises, else those its unit suggests.</summary>
    public static double[] BoundsOf(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> histogram => Copy(histogram.Advice),
            Histogram<float> histogram => Copy(histogram.Advice),
            Histogram<long> histogram => Copy(histogram.Advice),
            Histogram<int> histogram => Copy(histogram.Advice),
            _ => null,
        };
        return advised ?? instrument.Unit switch
        {
            "s" => s_seconds,
            "By" => s_bytes,
            _ => s_general,
        };
    }

    private static double[]? Copy<T>(InstrumentAdvice<T>? advice)
        where T : struct => advice?.HistogramBucketBoundaries is { Count: > 0 } bounds
            ? [.. bounds.Select(bound => Convert.ToDouble(bound, System.Globalization.CultureInfo.InvariantCulture))]
            : null;

    private static Type? Definition(Instrument instrument)
    {
        var type = instrument.GetType();
        return type.IsGenericType ? type.GetGenericTypeDefinition() : null;
    }
}
