namespace LlmdAspire.Protocols.Prometheus;

/// <summary>One label of a sample, not yet escaped.</summary>
/// <param name="Name">Letters, digits and underscores, not beginning with a digit; see <see cref="MetricNames.ToLabelName"/>.</param>
/// <param name="Value">Any text.</param>
public readonly record struct MetricLabel(string Name, string Value);
