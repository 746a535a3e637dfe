namespace LlmdAspire.AppHost.Presets;

/// <summary>The whole path: prefill and decode engines, an index of their KV caches, a picker that asks it, and a router that asks the picker.</summary>
internal static class DefaultPreset
{
    private const string PickerConfig = "Presets/default-epp.yaml";

    public static void Compose(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var (prefill, decode) = builder.AddPrefillDecode(options, prefillCount: 2, decodeCount: 2);

        var indexer = builder.AddKvIndexer<Projects.KvIndexer>(StackNames.KvIndexer, LocalPorts.Take(8080))
            .WithKvEventsFrom([.. prefill, .. decode])
            .WithRestartOnExit();

        var picker = builder.AddEndpointPicker<Projects.Epp>(
                StackNames.Picker, PickerConfig, LocalPorts.Take(9002), LocalPorts.Take(9003), LocalPorts.Take(9090))
            .WithCandidates([.. prefill, .. decode])
            .WithKvIndexer(indexer)
            .WithRestartOnExit();

        // The decode engines can do everything: they are where requests go while the picker is away.
        var router = builder.AddLlmdRouter<Projects.Router>(StackNames.Router, options.RouterPort.OrTake())
            .WithEngines(decode)
            .WithEndpointPicker(picker)
            .WithRestartOnExit();

        builder.AddStackDashboard(router, options.DashboardPort.OrTake())
            .ShowingEndpointPicker(picker)
            .ShowingKvIndexer(indexer);
    }
}
