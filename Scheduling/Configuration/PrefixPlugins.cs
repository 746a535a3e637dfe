using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Scorers;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Makes the plugins that know about cached prompts.</summary>
internal static class PrefixPlugins
{
    public static ApproximatePrefixProducer Approximate(PluginSource source)
    {
        var parameters = source.Parameters;
        var defaults = new ApproximatePrefixOptions();
        return new ApproximatePrefixProducer(source.Name, new ApproximatePrefixOptions
        {
            AutoTune = parameters.Flag("autoTune", defaults.AutoTune),
            BlockSizeTokens = parameters.Whole("blockSizeTokens", defaults.BlockSizeTokens, least: 1),
            MaxPrefixBlocksToMatch = parameters.Whole("maxPrefixBlocksToMatch", defaults.MaxPrefixBlocksToMatch, least: 1),
            MaxPrefixTokensToMatch = parameters.Whole("maxPrefixTokensToMatch", defaults.MaxPrefixTokensToMatch),
            LruCapacityPerServer = parameters.Whole("lruCapacityPerServer", defaults.LruCapacityPerServer, least: 1),
        });
    }

    // How events are read and tokens hashed is set where the index lives, in the KvIndexer.
    public static PrecisePrefixProducer Precise(PluginSource source)
    {
        source.Parameters.Ignore("tokenProcessorConfig", "indexerConfig", "kvEventsConfig", "speculativeIndexing", "speculativeTTL");
        return new PrecisePrefixProducer(source.Name, source.PrefixLookup, source.ApproximateFallback());
    }

    public static PrefixCacheScorer Scorer(PluginSource source) =>
        new(source.PrefixProducer(),
            source.Parameters.Number("matchLengthWeight", 0, 0, 1),
            source.Parameters.Number("matchLengthScaleTokens", PrefixCacheScorer.DefaultLengthScaleTokens, double.Epsilon, double.MaxValue));

    /// <summary>The deprecated scorer that brought its own producer.</summary>
    public static PrefixCacheScorer PreciseScorer(PluginSource source)
    {
        source.Parameters.Ignore("tokenProcessorConfig", "indexerConfig", "kvEventsConfig", "speculativeIndexing", "speculativeTTL");
        return new PrefixCacheScorer(source.PreciseProducer(), 0, PrefixCacheScorer.DefaultLengthScaleTokens);
    }
}
