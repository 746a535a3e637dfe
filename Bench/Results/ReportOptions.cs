namespace LlmdAspire.Bench.Results;

/// <summary>What a report shows of a run.</summary>
/// <param name="Metrics">Latencies that were asked for.</param>
/// <param name="Percentiles">Of each of them.</param>
/// <param name="Goodput">What a good request is.</param>
internal sealed record ReportOptions(IReadOnlyList<LatencyMetric> Metrics, IReadOnlyList<double> Percentiles, Goodput Goodput);
