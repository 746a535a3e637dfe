namespace LlmdAspire.Dashboard.Metrics;

internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
