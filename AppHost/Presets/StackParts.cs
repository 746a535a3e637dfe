namespace LlmdAspire.AppHost.Presets;

/// <summary>The parts that presets share.</summary>
internal static class StackParts
{
    private const int FirstPrefillPort = 8000;
    private const int FirstDecodePort = 8200;
    private const int FirstEventsPort = 5557;
    private const int FirstReplayPort = 5657;

    /// <summary>Adds <paramref name="count"/> engines that know nothing of each other: simulators, or containers with a GPU each as far as GPUs go.</summary>
    public static IReadOnlyList<IResourceBuilder<VllmResource>> AddEngines(
        this IDistributedApplicationBuilder builder, StackOptions options, string prefix, int count)
    {
        var plan = PlanEngines(builder, options, count);
        return [.. Enumerable.Range(0, plan.Count).Select(index => builder.AddEngine(options, plan, $"{prefix}-{index}", FirstPrefillPort, index))];
    }

    /// <summary>Adds disaggregated engines with KV-cache events: the given numbers of simulators, or containers as far as GPUs go.</summary>
    /// <returns>The prefill engines, none where one GPU must do both, and the decode engines.</returns>
    public static (IReadOnlyList<IResourceBuilder<VllmResource>> Prefill, IReadOnlyList<IResourceBuilder<VllmResource>> Decode) AddPrefillDecode(
        this IDistributedApplicationBuilder builder, StackOptions options, int prefillCount, int decodeCount)
    {
        var plan = PlanEngines(builder, options, prefillCount + decodeCount);
        var split = plan.Count == prefillCount + decodeCount ? new PrefillDecodeSplit(prefillCount, decodeCount) : PrefillDecodeSplit.ForGpus(plan.Count);
        var decodeRole = split.Prefill == 0 ? EngineRole.Both : EngineRole.Decode;

        return (
            [.. Enumerable.Range(0, split.Prefill).Select(index => Half(EngineRole.Prefill, $"prefill-{index}", FirstPrefillPort, index))],
            [.. Enumerable.Range(0, split.Decode).Select(index => Half(decodeRole, $"decode-{index}", FirstDecodePort, split.Prefill + index))]);

        IResourceBuilder<VllmResource> Half(EngineRole role, string name, int firstPort, int gpu) =>
            builder.AddEngine(options, plan, name, firstPort, gpu)
                .WithRole(role)
                .WithKvEvents(LocalPorts.Take(FirstEventsPort), LocalPorts.Take(FirstReplayPort));
    }

    /// <summary>Adds the dashboard, linked to the Aspire dashboard of this run.</summary>
    public static IResourceBuilder<ProjectResource> AddStackDashboard(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> router, int port)
    {
        var dashboard = builder.AddLlmdDashboard<Projects.Dashboard>(StackNames.Dashboard, router, port);

        // The AppHost's own address is the Aspire dashboard's, in every hosting mode.
        var urls = builder.Configuration["ASPNETCORE_URLS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries);
        return urls is [var first, ..] && Uri.TryCreate(first, UriKind.Absolute, out var aspire) ? dashboard.WithAspireDashboardLink(aspire) : dashboard;
    }

    private static IResourceBuilder<VllmResource> AddEngine(
        this IDistributedApplicationBuilder builder, StackOptions options, EnginePlan plan, string name, int firstPort, int gpu)
    {
        var engine = builder.AddVllm(name, options.Model, LocalPorts.Take(firstPort)).WithRestartOnExit();
        if (plan.IsSimulated)
        {
            return engine.RunAsSimulator<Projects.Simulator>(options.SimulatorTimeScale);
        }

        engine.WithGpus(1, gpu).WithModelCache();
        return plan.Token is null ? engine : engine.WithHuggingFaceToken(plan.Token);
    }

    private static EnginePlan PlanEngines(IDistributedApplicationBuilder builder, StackOptions options, int count)
    {
        var plan = EnginePlan.For(options, count, builder.ExecutionContext.IsPublishMode, builder.Configuration, Workstation.Look);
        if (plan.IsSimulated)
        {
            return plan;
        }

        // Said before the runtime starts to pull, which takes minutes and gigabytes the first time.
        if (builder.ExecutionContext.IsRunMode)
        {
            Console.WriteLine($"Engines: {plan.Count} x vLLM serving {options.Model}; a first start fetches the vLLM image (about 10 GB) and the model.");
        }

        return plan.HasToken ? plan with { Token = builder.AddParameterFromConfiguration("hf-token", "HF_TOKEN", secret: true) } : plan;
    }
}
