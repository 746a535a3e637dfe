using LlmdAspire.Scheduling.Saturation;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Makes saturation detectors.</summary>
internal static class SaturationPlugins
{
    public static UtilizationDetector Utilization(PluginSource source)
    {
        var parameters = source.Parameters;
        // Upstream may add requests under way to the queue that an engine told; here the queue is as told.
        parameters.Ignore("inFlightLoadProducerName");
        if (parameters.Text("stalenessPolicy") is not (null or "saturated") and var policy)
        {
            source.Refuse($"stalenessPolicy is '{policy}'; only saturated is supported yet.");
        }

        return new UtilizationDetector(
            parameters.Whole("queueDepthThreshold", UtilizationDetector.DefaultQueueDepth, least: 1),
            parameters.Number("kvCacheUtilThreshold", UtilizationDetector.DefaultKvCache, double.Epsilon, 1),
            parameters.Duration("metricsStalenessThreshold", UtilizationDetector.DefaultStaleness),
            Headroom(parameters),
            source.Clock);
    }

    public static ConcurrencyDetector Concurrency(PluginSource source)
    {
        var parameters = source.Parameters;
        var mode = parameters.Text("concurrencyMode") switch
        {
            null or "requests" => ConcurrencyMode.Requests,
            "tokens" => ConcurrencyMode.Tokens,
            "hybrid" => ConcurrencyMode.Hybrid,
            var other => Unknown(source, other),
        };
        return new ConcurrencyDetector(
            mode,
            parameters.Whole("maxConcurrency", ConcurrencyDetector.DefaultRequests, least: 1),
            (long)parameters.Number("maxTokenConcurrency", ConcurrencyDetector.DefaultTokens, 1, long.MaxValue),
            Headroom(parameters));
    }

    private static double Headroom(ConfigurationMap parameters) => parameters.Number("headroom", 0, 0, double.MaxValue);

    private static ConcurrencyMode Unknown(PluginSource source, string mode)
    {
        source.Refuse($"concurrencyMode is '{mode}'; it must be requests, tokens or hybrid.");
        return ConcurrencyMode.Requests;
    }
}
