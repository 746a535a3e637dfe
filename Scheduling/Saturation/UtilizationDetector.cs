using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Saturation;

/// <summary>Goes by what engines tell: an endpoint is as full as its queue or its KV cache, whichever is fuller, and a pool as its endpoints on average.</summary>
/// <remarks>
/// llm-d's <c>utilization-detector</c>. Numbers that are old count as full, as there, but only if newer ones were due: engines are asked less often while nothing changes.
/// As a filter it keeps endpoints within its limits, and all when none is.
/// </remarks>
internal sealed class UtilizationDetector(int queueDepthThreshold, double kvCacheThreshold, TimeSpan staleness, double headroom, TimeProvider clock) : ISaturationDetector, IFilter, IReadsEngineMetrics
{
    public const string Type = "utilization-detector";
    public const int DefaultQueueDepth = 5;
    public const double DefaultKvCache = 0.8;

    public static readonly TimeSpan DefaultStaleness = TimeSpan.FromMilliseconds(200);

    public double Measure(ReadOnlySpan<EngineEndpoint> endpoints)
    {
        var sum = 0.0;
        foreach (var endpoint in endpoints)
        {
            sum += SaturationOf(endpoint.Load);
        }

        return endpoints.IsEmpty ? 1 : sum / endpoints.Length;
    }

    public int Keep(SchedulingContext context, Span<EngineEndpoint> candidates)
    {
        var limit = 1 + headroom;
        return Filtering.KeepOrAll(candidates, endpoint => SaturationOf(endpoint.Load) < limit);
    }

    private double SaturationOf(EngineLoad load) =>
        IsStale(load) ? 1 : Math.Max((double)load.Waiting / queueDepthThreshold, load.KvUsage / kvCacheThreshold);

    private bool IsStale(EngineLoad load) =>
        load.ReadAt == 0 || (clock.GetElapsedTime(load.ReadAt) > staleness && clock.GetElapsedTime(load.DueAt) > staleness);
}
