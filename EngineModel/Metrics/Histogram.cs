namespace LlmdAspire.EngineModel.Metrics;

/// <summary>A Prometheus histogram with fixed upper bounds.</summary>
/// <remarks>Not thread-safe: observed and read under the engine's lock.</remarks>
public sealed class Histogram(IReadOnlyList<double> bounds)
{
    private readonly double[] _bounds = [.. bounds];
    private readonly long[] _counts = new long[bounds.Count + 1];

    public double Sum { get; private set; }

    public long Count { get; private set; }

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

    /// <summary>Upper bounds and how many observations lie in each bucket, the last one being everything above.</summary>
    public HistogramSnapshot Snapshot() => new(_bounds, [.. _counts], Sum, Count);
}

/// <summary>A histogram at one moment.</summary>
/// <param name="Bounds">Upper bounds, ascending.</param>
/// <param name="Counts">Observations in each bucket, not cumulative; one more than bounds.</param>
public sealed record HistogramSnapshot(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts, double Sum, long Count);
