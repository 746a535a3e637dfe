namespace LlmdAspire.AppHost.Presets;

/// <summary>The parts that presets share.</summary>
internal static class StackParts
{
    private const int FirstEnginePort = 8000;

    /// <summary>Adds <paramref name="count"/> engines named <c>PREFIX-0</c>, <c>PREFIX-1</c>, …: simulators, or containers with a GPU each, as far as GPUs go.</summary>
    public static IReadOnlyList<IResourceBuilder<VllmResource>> AddEngines(
        this IDistributedApplicationBuilder builder, StackOptions options, string prefix, int count)
    {
        var plan = EnginePlan.For(options, count, builder.ExecutionContext.IsPublishMode, builder.Configuration, Workstation.Look);
        AnnounceDownload(plan, options, builder.ExecutionContext);
        var token = plan.IsSimulated || !plan.HasToken ? null : builder.AddParameterFromConfiguration("hf-token", "HF_TOKEN", secret: true);

        return [.. Enumerable.Range(0, plan.Count).Select(index =>
        {
            var engine = builder.AddVllm($"{prefix}-{index}", options.Model, LocalPorts.Take(FirstEnginePort)).WithRestartOnExit();
            if (plan.IsSimulated)
            {
                return engine.RunAsSimulator<Projects.Simulator>(options.SimulatorTimeScale);
            }

            engine.WithGpus(1, index).WithModelCache();
            return token is null ? engine : engine.WithHuggingFaceToken(token);
        })];
    }

    // Said before the runtime starts to pull, which takes minutes and gigabytes the first time.
    private static void AnnounceDownload(EnginePlan plan, StackOptions options, DistributedApplicationExecutionContext context)
    {
        if (!plan.IsSimulated && context.IsRunMode)
        {
            Console.WriteLine($"Engines: {plan.Count} x vLLM serving {options.Model}; a first start fetches the vLLM image (about 10 GB) and the model.");
        }
    }

    /// <summary>Adds the dashboard, linked to the Aspire dashboard of this run.</summary>
    public static void AddStackDashboard(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> router, int port)
    {
        var dashboard = builder.AddLlmdDashboard<Projects.Dashboard>(StackNames.Dashboard, router, port);

        // The AppHost's own address is the Aspire dashboard's, in every hosting mode.
        var urls = builder.Configuration["ASPNETCORE_URLS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (urls is [var first, ..] && Uri.TryCreate(first, UriKind.Absolute, out var aspire))
        {
            dashboard.WithAspireDashboardLink(aspire);
        }
    }
}
