namespace LlmdAspire.Bench.Results;

/// <summary>Mean, deviation and percentiles of some values, as numpy computes them by default.</summary>
/// <remarks>Without values everything is 0.</remarks>
internal sealed class Statistics
{
    private readonly double[] _sorted;

    public Statistics(IEnumerable<double> values)
    {
        _sorted = [.. values];
        Array.Sort(_sorted);
        Mean = _sorted.Length == 0 ? 0 : _sorted.Average();
        // The deviation of the population, not an estimate from a sample.
        Deviation = _sorted.Length == 0 ? 0 : Math.Sqrt(_sorted.Average(value => (value - Mean) * (value - Mean)));
    }

    public int Count => _sorted.Length;

    public double Mean { get; }

    public double Deviation { get; }

    public double Median => Percentile(50);

    /// <summary>The sorted values.</summary>
    public ReadOnlySpan<double> Sorted => _sorted;

    /// <summary>The value that <paramref name="percent"/> of the values lie below, on a straight line between two neighbours.</summary>
    public double Percentile(double percent)
    {
        if (_sorted.Length == 0)
        {
            return 0;
        }

        var place = percent / 100 * (_sorted.Length - 1);
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, _sorted.Length - 1);
        var share = place - below;
        var gap = _sorted[above] - _sorted[below];
        // From the nearer neighbour, so that no rounding error leads past it.
        return share < 0.5 ? _sorted[below] + gap * share : _sorted[above] - gap * (1 - share);
    }
}
