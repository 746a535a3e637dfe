using System.Collections.Concurrent;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>The series of one exposed name. At most <see cref="MaxSeries"/>; measurements of further label sets are dropped and counted.</summary>
internal sealed class MetricFamily
{
    public const int MaxSeries = 1000;

    private readonly ConcurrentDictionary<TagSet, MetricSeries> _series = new(new TagSetComparer());
    private readonly ConcurrentDictionary<TagSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;
    private readonly double[] _bounds;
    private long _dropped;
    private int _count;

    public MetricFamily(string name, MetricType type, string help, double[] bounds)
    {
        Name = name;
        Type = type;
        Help = help;
        _bounds = type == MetricType.Histogram ? bounds : [];
        _byTags = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public MetricType Type { get; }

    public string Help { get; }

    /// <summary>Measurements lost because the family was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Instruments that feed this family; the registry forgets the family when there is none left.</summary>
    public int Instruments { get; set; }

    /// <summary>The series for tags, or null when there is no room for another.</summary>
    public MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_byTags.TryGetValue(tags, out var series))
        {
            return series;
        }

        if (Volatile.Read(ref _count) >= MaxSeries)
        {
            Interlocked.Increment(ref _dropped);
            return null;
        }

        var set = new TagSet(tags);
        var added = new MetricSeries(set, _bounds);
        series = _series.GetOrAdd(set, added);
        if (ReferenceEquals(series, added))
        {
            Interlocked.Increment(ref _count);
        }

        return series;
    }

    /// <summary>Writes the family; nothing when it has no series.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="isCurrent">Says whether a series is still observed.</param>
    public void Write(PrometheusTextWriter writer, Func<MetricSeries, bool> isCurrent)
    {
        var begun = false;
        foreach (var (tags, series) in _series)
        {
            if (!isCurrent(series))
            {
                // Its observer stopped naming it: a worker that left, say. Room for the next.
                if (_series.TryRemove(tags, out _))
                {
                    Interlocked.Decrement(ref _count);
                }

                continue;
            }

            if (!begun)
            {
                writer.WriteFamily(Name, Type, Help);
                begun = true;
            }

            if (Type == MetricType.Histogram)
            {
                writer.WriteHistogram(Name, tags.Labels, _bounds, series.Buckets, series.Value);
            }
            else
            {
                writer.WriteSample(Name, tags.Labels, series.Value);
            }
        }
    }
}
