using System.Globalization;

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
    /// <param name="samples">All samples of the page.</param>
    /// <param name="values">Counters and gauges to keep, by sample name.</param>
    /// <param name="histograms">Histograms to keep, by family name, without <c>_bucket</c>.</param>
    /// <param name="rank">Only series of this data-parallel rank (label <c>engine</c>); all when null.</param>
    public static MetricsReading From(
        IEnumerable<MetricSample> samples, IReadOnlySet<string> values, IReadOnlySet<string> histograms, int? rank = null)
    {
        var reading = new MetricsReading();
        var buckets = new Dictionary<string, Dictionary<double, double>>();
        var engine = rank?.ToString(CultureInfo.InvariantCulture);
        foreach (var sample in samples)
        {
            if (engine is not null && sample.Labels.GetValueOrDefault("engine", engine) != engine)
            {
                continue;
            }

            if (values.Contains(sample.Name))
            {
                var (sum, series) = reading._values.GetValueOrDefault(sample.Name);
                reading._values[sample.Name] = (sum + sample.Value, series + 1);
            }
            else if (sample.Name.EndsWith("_bucket", StringComparison.Ordinal)
                && sample.Name[..^"_bucket".Length] is var family && histograms.Contains(family)
                && sample.Labels.TryGetValue("le", out var le) && TryReadBound(le, out var bound))
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

    private static bool TryReadBound(string le, out double bound)
    {
        bound = double.PositiveInfinity;
        return le == "+Inf" || double.TryParse(le, NumberStyles.Float, CultureInfo.InvariantCulture, out bound);
    }
}
