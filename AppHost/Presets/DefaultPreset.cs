namespace LlmdAspire.AppHost.Presets;

/// <summary>The whole path: prefill and decode engines, an index of their KV caches, a picker that asks it, and a router that asks the picker.</summary>
internal static class DefaultPreset
{
    // A file, so that one can change it and see what happens.
    public const string PickerConfig = "Presets/default-epp.yaml";

    public static void Run(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var (prefill, decode) = builder.AddPrefillDecode(options);
        var indexer = builder.AddStackKvIndexer([.. prefill, .. decode]);
        var picker = builder.AddStackPicker([.. prefill, .. decode]).WithPickerConfigFile(PickerConfig).WithKvIndexer(indexer);
        builder.AddPickedRouter(options, picker, decode, indexer);
    }
}
