using System.Globalization;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.Dashboard.Metrics;

/// <summary>What one <c>/metrics</c> said at one moment, reduced to the names that were asked for.</summary>
internal sealed class MetricsReading
{
    private readonly Dictionary<string, (double Sum, int Series)> _values = [];
    private readonly Dictionary<string, BucketCounts> _histograms = [];

    private MetricsReading()
    {
    }

    public IEnumerable<string> Names => _values.Keys;

    public IEnumerable<string> HistogramNames => _histograms.Keys;

    /// <summary>Reads the wanted metrics, adding up their series.</summary>
    /// <param name="page">The page as it came.</param>
    /// <param name="values">Counters and gauges to keep, by sample name.</param>
    /// <param name="histograms">Histograms to keep, by family name, without <c>_bucket</c>.</param>
    /// <param name="rank">Only series of this data-parallel rank (label <c>engine</c>); all when null.</param>
    public static MetricsReading From(
        ReadOnlySpan<byte> page, IReadOnlySet<string> values, IReadOnlySet<string> histograms, int? rank = null)
    {
        var reading = new MetricsReading();
        var buckets = new Dictionary<string, Dictionary<double, double>>();
        var engine = rank?.ToString(CultureInfo.InvariantCulture);
        foreach (var sample in new PrometheusTextReader(page))
        {
            if (engine is not null && (sample.Label("engine"u8) ?? engine) != engine)
            {
                continue;
            }

            var name = sample.Name;
            if (values.Contains(name))
            {
                var (sum, series) = reading._values.GetValueOrDefault(name);
                reading._values[name] = (sum + sample.Value, series + 1);
            }
            else if (name.EndsWith("_bucket", StringComparison.Ordinal)
                && name[..^"_bucket".Length] is var family && histograms.Contains(family)
                && sample.Label("le"u8) is { } le && TryReadBound(le, out var bound))
            {
                var ofFamily = buckets.TryGetValue(family, out var known) ? known : buckets[family] = [];
                ofFamily[bound] = ofFamily.GetValueOrDefault(bound) + sample.Value;
            }
        }

        foreach (var (family, ofFamily) in buckets)
        {
            reading._histograms[family] = BucketCounts.FromCumulative(ofFamily);
        }

        return reading;
    }

    /// <summary>The sum over all series; null when there is none.</summary>
    public double? Sum(string name) => _values.TryGetValue(name, out var value) ? value.Sum : null;

    /// <summary>The mean over all series; null when there is none.</summary>
    public double? Mean(string name) => _values.TryGetValue(name, out var value) ? value.Sum / value.Series : null;

    public BucketCounts? Histogram(string name) => _histograms.GetValueOrDefault(name);

    /// <summary>How many differently named samples a page has.</summary>
    public static int CountNames(ReadOnlySpan<byte> page)
    {
        var names = new HashSet<string>();
        foreach (var sample in new PrometheusTextReader(page))
        {
            names.Add(sample.Name);
        }

        return names.Count;
    }

    private static bool TryReadBound(string le, out double bound)
    {
        bound = double.PositiveInfinity;
        return le == "+Inf" || double.TryParse(le, NumberStyles.Float, CultureInfo.InvariantCulture, out bound);
    }
}
