using LlmdAspire.AppHost.Publish;

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
        this IDistributedApplicationBuilder builder, StackOptions options, string prefix, int count, bool hasKvEvents = false)
    {
        var plan = PlanEngines(builder, options, count);
        return [.. Enumerable.Range(0, plan.Count).Select(index =>
        {
            var engine = builder.AddEngine(options, plan, options.Cluster.Decode, $"{prefix}-{index}", FirstPrefillPort, index);
            return hasKvEvents ? engine.WithStackKvEvents() : engine;
        })];
    }

    /// <summary>Adds disaggregated engines with KV-cache events: simulators as many and as large as the cluster's, or containers with a GPU each as far as GPUs go.</summary>
    /// <returns>The prefill engines, none where one GPU must do both, and the decode engines.</returns>
    public static (IReadOnlyList<IResourceBuilder<VllmResource>> Prefill, IReadOnlyList<IResourceBuilder<VllmResource>> Decode) AddPrefillDecode(
        this IDistributedApplicationBuilder builder, StackOptions options)
    {
        var (prefill, decode) = (options.Cluster.Prefill!, options.Cluster.Decode);
        var plan = PlanEngines(builder, options, prefill.Replicas + decode.Replicas);
        var split = plan.Count == prefill.Replicas + decode.Replicas ? new PrefillDecodeSplit(prefill.Replicas, decode.Replicas) : PrefillDecodeSplit.ForGpus(plan.Count);
        var decodeRole = split.Prefill == 0 ? EngineRole.Both : EngineRole.Decode;

        return (
            [.. Enumerable.Range(0, split.Prefill).Select(index => Half(EngineRole.Prefill, prefill, $"prefill-{index}", FirstPrefillPort, index))],
            [.. Enumerable.Range(0, split.Decode).Select(index => Half(decodeRole, decode, $"decode-{index}", FirstDecodePort, split.Prefill + index))]);

        IResourceBuilder<VllmResource> Half(EngineRole role, EngineGroup group, string name, int firstPort, int gpu) =>
            builder.AddEngine(options, plan, group, name, firstPort, gpu).WithRole(role).WithStackKvEvents();
    }

    /// <summary>Adds the index of the engines' KV caches.</summary>
    public static IResourceBuilder<ProjectResource> AddStackKvIndexer(
        this IDistributedApplicationBuilder builder, IEnumerable<IResourceBuilder<VllmResource>> engines) =>
        builder.AddKvIndexer<Projects.KvIndexer>(StackNames.KvIndexer, LocalPorts.Take(8080)).WithKvEventsFrom(engines).WithRestartOnExit();

    /// <summary>Adds the picker.</summary>
    public static IResourceBuilder<ProjectResource> AddStackPicker(
        this IDistributedApplicationBuilder builder, IEnumerable<IResourceBuilder<VllmResource>> engines) =>
        builder.AddEndpointPicker<Projects.Epp>(StackNames.Picker, LocalPorts.Take(9002), LocalPorts.Take(9003), LocalPorts.Take(9090))
            .WithCandidates(engines)
            .WithRestartOnExit();

    /// <summary>Adds a router that asks the picker, and the dashboard.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="options">Its options.</param>
    /// <param name="picker">Who decides.</param>
    /// <param name="fallback">Engines that can do everything: where requests go while the picker is away.</param>
    /// <param name="indexer">Shown on the dashboard, where there is one.</param>
    public static void AddPickedRouter(
        this IDistributedApplicationBuilder builder,
        StackOptions options,
        IResourceBuilder<ProjectResource> picker,
        IEnumerable<IResourceBuilder<VllmResource>> fallback,
        IResourceBuilder<ProjectResource>? indexer = null)
    {
        var router = builder.AddLlmdRouter<Projects.Router>(StackNames.Router, options.RouterPort.OrTake())
            .WithEngines(fallback)
            .WithEndpointPicker(picker)
            .WithRestartOnExit();

        var dashboard = builder.AddStackDashboard(router, options.DashboardPort.OrTake()).ShowingEndpointPicker(picker);
        if (indexer is not null)
        {
            dashboard.ShowingKvIndexer(indexer);
        }
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
        this IDistributedApplicationBuilder builder, StackOptions options, EnginePlan plan, EngineGroup group, string name, int firstPort, int gpu)
    {
        var engine = builder.AddVllm(name, options.Model, LocalPorts.Take(firstPort)).WithRestartOnExit();
        if (plan.IsSimulated)
        {
            return engine
                .WithTensorParallel(group.TensorParallel)
                .WithDataParallel(group.DataParallel)
                .RunAsSimulator<Projects.Simulator>(options.SimulatorTimeScale);
        }

        engine.WithGpus(1, gpu).WithModelCache();
        return plan.Token is null ? engine : engine.WithHuggingFaceToken(plan.Token);
    }

    private static IResourceBuilder<VllmResource> WithStackKvEvents(this IResourceBuilder<VllmResource> engine) => engine.WithKvEvents(
        LocalPorts.Take(FirstEventsPort, engine.Resource.Ranks), LocalPorts.Take(FirstReplayPort, engine.Resource.Ranks));

    private static EnginePlan PlanEngines(IDistributedApplicationBuilder builder, StackOptions options, int count)
    {
        var plan = EnginePlan.For(options, count, builder.Configuration, Workstation.Look);
        if (plan.IsSimulated)
        {
            return plan;
        }

        // Said before the runtime starts to pull, which takes minutes and gigabytes the first time.
        Console.WriteLine($"Engines: {plan.Count} x vLLM serving {options.Model}; a first start fetches the vLLM image (about 10 GB) and the model.");
        return plan.HasToken ? plan with { Token = builder.AddParameterFromConfiguration("hf-token", "HF_TOKEN", secret: true) } : plan;
    }
}
