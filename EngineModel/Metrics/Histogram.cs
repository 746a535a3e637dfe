namespace LlmdAspire.EngineModel.Metrics;

/// <summary>A Prometheus histogram with fixed upper bounds.</summary>
/// <remarks>Not thread-safe: observed and read under the engine's lock.</remarks>
public sealed class Histogram(IReadOnlyList<double> bounds)
{
    private readonly double[] _bounds = [.. bounds];
    private readonly long[] _counts = new long[bounds.Count + 1];

    public double Sum { get; private set; }

    public long Count { get; private set; }

    /// <summary>Upper bounds, ascending.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>Observations in each bucket, not cumulated; one more than bounds, the last for everything above.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket]++;
        Count++;
        Sum += value;
    }
}
