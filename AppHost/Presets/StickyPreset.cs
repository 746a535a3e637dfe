using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Presets;

/// <summary>Engines that do everything, unless prefill engines were asked for; a picker keeps the requests of a session, and those with the same beginning, on one of them.</summary>
internal static class StickyPreset
{
    public static void Run(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var (prefill, decode) = options.Cluster.Prefill is null
            ? ([], builder.AddEngines(options, "decode", options.Cluster.Decode.Replicas, hasKvEvents: true))
            : builder.AddPrefillDecode(options);
        var indexer = builder.AddStackKvIndexer([.. prefill, .. decode]);
        var picker = builder.AddStackPicker([.. prefill, .. decode]).WithPickerConfig(PickerConfiguration.Of(options.Cluster)).WithKvIndexer(indexer);
        builder.AddPickedRouter(options, picker, decode, indexer);
    }
}
