namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>The value of one label set. Thread-safe, without locks.</summary>
internal sealed class MetricSeries(TagSet tags, double[] bounds)
{
    // Whole measurements are the usual case and add up without a compare-and-swap loop.
    private long _whole;
    private double _fractional;
    private readonly long[] _buckets = bounds.Length == 0 ? [] : new long[bounds.Length + 1];

    public TagSet Tags { get; } = tags;

    public double Value => Volatile.Read(ref _whole) + Volatile.Read(ref _fractional);

    public ReadOnlySpan<long> Buckets => _buckets;

    /// <summary>The collection that observed this series last.</summary>
    public long Generation { get; private set; }

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        var before = Volatile.Read(ref _fractional);
        while (true)
        {
            var seen = Interlocked.CompareExchange(ref _fractional, before + value, before);
            // Compared by bits: NaN would never be equal to itself and the loop never end.
            if (BitConverter.DoubleToInt64Bits(seen) == BitConverter.DoubleToInt64Bits(before))
            {
                return;
            }

            before = seen;
        }
    }

    public void Set(double value)
    {
        Volatile.Write(ref _whole, 0);
        Volatile.Write(ref _fractional, value);
    }

    /// <summary>Counts an observation in its bucket; the value is then the sum.</summary>
    public void Observe(double value)
    {
        var at = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _buckets[at < 0 ? ~at : at]);
        Add(value);
    }

    /// <summary>Takes what an observable instrument says; instruments that share a name and tags add up within one collection.</summary>
    public void Observe(double value, long generation)
    {
        if (Generation == generation)
        {
            Add(value);
            return;
        }

        Generation = generation;
        Set(value);
    }
}
