namespace LlmdAspire.Protocols.Prometheus;

/// <summary>What a metric family measures.</summary>
public enum MetricType
{
    /// <summary>Only rises; begins at zero with the process.</summary>
    Counter,

    /// <summary>Rises and falls.</summary>
    Gauge,

    /// <summary>Counts observations in buckets.</summary>
    Histogram,

    /// <summary>Anything, for families whose type is not known.</summary>
    Untyped,
}
