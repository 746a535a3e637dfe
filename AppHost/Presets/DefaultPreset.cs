namespace LlmdAspire.AppHost.Presets;

/// <summary>What a developer gets without asking for anything: a router over four engines and the page that shows them.</summary>
internal static class DefaultPreset
{
    public static void Compose(IDistributedApplicationBuilder builder, StackOptions options)
    {
        var engines = builder.AddEngines(options, "engine", count: 4);

        var router = builder.AddLlmdRouter<Projects.Router>(StackNames.Router, options.RouterPort.OrTake())
            .WithEngines(engines)
            .WithPolicy("round_robin")
            .WithRestartOnExit();

        builder.AddStackDashboard(router, options.DashboardPort.OrTake());
    }
}
