namespace LlmdAspire.Dashboard.Metrics;

/// <summary>By how much the counters and histograms of one process grew between two readings.</summary>
internal sealed class MetricsIncrease
{
    private readonly Dictionary<string, double> _counters = [];
    private readonly Dictionary<string, BucketCounts> _histograms = [];

    public MetricsIncrease(TimeSpan elapsed) => Elapsed = elapsed;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>The growth from one reading to a later one.</summary>
    public static MetricsIncrease Between(MetricsReading earlier, MetricsReading later, TimeSpan elapsed)
    {
        var increase = new MetricsIncrease(elapsed);
        foreach (var name in later.Names)
        {
            // A counter that appears was zero before; one that fell belongs to a restarted process and counts from zero again.
            var (before, now) = (earlier.Sum(name) ?? 0, later.Sum(name) ?? 0);
            increase._counters[name] = now >= before ? now - before : now;
        }

        foreach (var name in later.HistogramNames)
        {
            increase._histograms[name] = later.Histogram(name)!.Since(earlier.Histogram(name) ?? BucketCounts.Empty);
        }

        return increase;
    }

    /// <summary>Growth of a counter; null when the process has no such counter.</summary>
    public double? Counter(string name) => _counters.TryGetValue(name, out var value) ? value : null;

    /// <summary>Growth per second; null when unknown, also because too little time has passed to tell.</summary>
    public double? PerSecond(string name) => Elapsed >= RecentIncreases.ShortestStretch ? Counter(name) / Elapsed.TotalSeconds : null;

    public BucketCounts Histogram(string name) => _histograms.GetValueOrDefault(name, BucketCounts.Empty);

    /// <summary>Adds an increase of the same process from another stretch of time.</summary>
    public void Append(MetricsIncrease other)
    {
        Elapsed += other.Elapsed;
        foreach (var (name, value) in other._counters)
        {
            _counters[name] = _counters.GetValueOrDefault(name) + value;
        }

        foreach (var (name, histogram) in other._histograms)
        {
            _histograms[name] = Histogram(name).Plus(histogram);
        }
    }
}
