using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Presets;

/// <summary>Engines that do everything; a picker keeps the requests of a session, and those with the same beginning, on one of them.</summary>
internal static class StickyPreset
{
    public static void Run(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var engines = builder.AddEngines(options, "decode", options.Cluster.Decode.Replicas, hasKvEvents: true);
        var indexer = builder.AddStackKvIndexer(engines);
        var picker = builder.AddStackPicker(engines).WithPickerConfig(PickerConfiguration.Of(options.Cluster)).WithKvIndexer(indexer);
        builder.AddPickedRouter(options, picker, engines, indexer);
    }
}
