namespace LlmdAspire.Bench.Results;

/// <summary>A latency that is reported with mean, median and percentiles.</summary>
/// <param name="Key">In JSON keys and flags: <c>ttft</c>.</param>
/// <param name="Header">Over its lines in the table.</param>
/// <param name="Of">Its values in a run.</param>
internal sealed record LatencyMetric(string Key, string Header, Func<Metrics, Statistics> Of)
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LatencyMetric> All { get; } =
    [
        new("ttft", "Time to First Token", metrics => metrics.TimeToFirstToken),
        new("tpot", "Time per Output Token (excl. 1st token)", metrics => metrics.TimePerOutputToken),
        new("itl", "Inter-token Latency", metrics => metrics.InterTokenLatency),
        new("e2el", "End-to-end Latency", metrics => metrics.Latency),
    ];

    /// <summary>In the table: <c>TTFT</c>.</summary>
    public string Name => Key.ToUpperInvariant();

    /// <summary>99 for a whole percentile, else 99.9.</summary>
    public static string Word(double percentile) =>
        percentile == Math.Floor(percentile) ? FormattableString.Invariant($"{percentile:F0}") : PythonNumber.Repr(percentile);
}
