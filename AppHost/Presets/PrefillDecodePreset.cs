using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Presets;

/// <summary>Prefill engines and decode engines of their own sizes; a picker brings them together, or the router does.</summary>
internal static class PrefillDecodePreset
{
    public static void Run(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var (prefill, decode) = builder.AddPrefillDecode(options);
        if (options.Cluster.Front == FrontKind.Epp)
        {
            var picker = builder.AddStackPicker([.. prefill, .. decode]).WithPickerConfig(PickerConfiguration.Of(options.Cluster));
            builder.AddPickedRouter(options, picker, decode);
            return;
        }

        var router = builder.AddLlmdRouter<Projects.Router>(StackNames.Router, options.RouterPort.OrTake()).WithRestartOnExit();
        builder.AddStackDashboard(
            prefill.Count == 0 ? router.WithEngines(decode) : router.WithPrefillDecode(prefill, decode),
            options.DashboardPort.OrTake());
    }
}
