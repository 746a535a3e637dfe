namespace LlmdAspire.AppHost.Presets;

/// <summary>Sixteen engines that know nothing of each other, each request to the next one: the yardstick the other presets are measured against.</summary>
/// <remarks>On a cluster a plain Service spreads the requests; locally the router does, by round robin.</remarks>
internal static class VllmNativePreset
{
    public static void Run(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var engines = builder.AddEngines(options, "vllm", options.Cluster.Decode.Replicas);

        var router = builder.AddLlmdRouter<Projects.Router>(StackNames.Router, options.RouterPort.OrTake())
            .WithEngines(engines)
            .WithPolicy("round_robin")
            .WithRestartOnExit();

        builder.AddStackDashboard(router, options.DashboardPort.OrTake());
    }
}
