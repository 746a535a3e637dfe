using System.Globalization;
using LlmdAspire.AppHost.Presets;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Lays the options over a preset's defaults. Every mistake is found at once, combinations included, and named with a remedy.</summary>
internal sealed class ClusterPlanReader(OptionValues values, Preset preset, List<string> mistakes)
{
    private static readonly Dictionary<string, FrontKind> s_fronts = new() { ["epp"] = FrontKind.Epp, ["router"] = FrontKind.Router };

    private ClusterDefaults Defaults => preset.Cluster;

    public ClusterPlan Read()
    {
        var front = ReadFront();
        var gateway = ReadGateway(front);
        var names = new ClusterNames(values.NamePart("release-postfix", ClusterNames.MaxPostfixLength) ?? Defaults.Postfix);
        var autoscaling = new AutoscalingReader(values, mistakes).Read(front);
        var (prefill, decode) = new EngineGroupReader(values, preset, mistakes).Read(autoscaling, names);
        if (front == FrontKind.Router)
        {
            CheckRouterInFront(prefill, decode);
        }

        // As the plan has it: a gateway that is told of the picker by a filter has no pool.
        var hasPool = gateway != GatewayProvider.None && !Defaults.AttachesByFilter;

        return new ClusterPlan
        {
            Preset = preset.Name,
            Namespace = values.DnsLabel("namespace", ClusterNames.MaxLength) ?? Defaults.Namespace,
            Names = names,
            Model = values.Text("model", Defaults.Model),
            Gateway = gateway,
            Front = front,
            ExistingGateway = ReadExistingGateway(gateway),
            Prefill = prefill,
            Decode = decode,
            Autoscaling = autoscaling,
            PoolVersion = ReadPoolVersion(hasPool),
            Objectives = ReadObjectives(hasPool),
            AlertTimeToFirstToken = values.Factor("alert-ttft", 5),
            MaxModelLength = values.CountOrNull("max-model-len") ?? Defaults.MaxModelLength,
            BlockSize = Defaults.BlockSize,
            HasKvIndexer = Defaults.HasKvIndexer,
            AttachesByFilter = Defaults.AttachesByFilter,
            PortBehindSidecar = Defaults.PortBehindSidecar,
            PrefillThreshold = ReadThreshold(prefill),
            KeepsSessions = Defaults.KeepsSessions,
            Rdma = ReadRdma(),
            NodeSelector = values.Pairs("node-selector"),
            StorageClass = values.DnsSubdomain("storage-class"),
            Images = new ServiceImages(values.ImagePath("image-registry") ?? ServiceImages.DefaultRegistry, values.ImageTag("image-tag") ?? ServiceImages.DefaultTag),
        };
    }

    private FrontKind ReadFront()
    {
        var given = values.TextOrNull("front");
        var front = values.OneOf("front", s_fronts, "epp");
        if (Defaults.CanHaveRouterInFront)
        {
            return front;
        }

        if (given is not null && s_fronts.ContainsKey(given))
        {
            mistakes.Add($"--front is '{given}', but preset '{preset.Name}' has no choice of fronts; leave it out, or use --preset pd-dp8.");
        }

        return Defaults.Front;
    }

    private GatewayProvider ReadGateway(FrontKind front)
    {
        var isPossible = Defaults.CanHaveGateway && front == FrontKind.Epp;
        var preferred = isPossible ? Defaults.Gateway : GatewayProvider.None;
        var gateway = values.OneOf("gateway", GatewayProviders.ByName, GatewayProviders.ByName.First(pair => pair.Value == preferred).Key);
        if (gateway != GatewayProvider.None && !isPossible)
        {
            mistakes.Add(Defaults.CanHaveGateway
                ? $"--gateway is '{values.TextOrNull("gateway")}', but with --front router the router stands in front itself; use --gateway none, or --front epp."
                : $"--gateway is '{values.TextOrNull("gateway")}', but preset '{preset.Name}' has no gateway; leave it out, or use --gateway none.");
            return GatewayProvider.None;
        }

        if (Defaults.AttachesByFilter && gateway != GatewayProvider.None && !gateway.IsIstio())
        {
            mistakes.Add($"--gateway is '{values.TextOrNull("gateway")}', but preset '{preset.Name}' attaches its picker by an EnvoyFilter, which only Istio has; use istio, istioBench, aks, xpu or none.");
        }

        return gateway;
    }

    // It is told of each engine by name, and always lets two engines share a prompt.
    private void CheckRouterInFront(EngineGroup? prefill, EngineGroup decode)
    {
        foreach (var (option, replicas) in new[] { ("prefill-replicas", prefill?.Replicas ?? 1), ("decode-replicas", decode.Replicas) })
        {
            if (replicas > 1)
            {
                mistakes.Add($"--{option} is '{replicas}', but with --front router each engine is named by a Service of its own; use 1 and more ranks, or --front epp.");
            }
        }

        if (values.TextOrNull("pd-threshold") is { } threshold)
        {
            mistakes.Add($"--pd-threshold is '{threshold}', but with --front router every prompt is prefilled elsewhere; leave it out, or use --front epp.");
        }
    }

    private string? ReadExistingGateway(GatewayProvider gateway)
    {
        var name = values.DnsLabel("existing-gateway", ClusterNames.MaxLength);
        if (name is not null && gateway == GatewayProvider.None)
        {
            mistakes.Add($"--existing-gateway is '{name}', but there is no gateway here; leave it out, or choose a provider with --gateway.");
        }

        return name;
    }

    private PoolVersion ReadPoolVersion(bool hasPool)
    {
        var version = values.OneOf("inference-pool-version", PoolVersions.ByName, "v1");
        if (version != PoolVersion.V1 && !hasPool)
        {
            mistakes.Add($"--inference-pool-version is '{values.TextOrNull("inference-pool-version")}', but {NoPool}");
        }

        return version;
    }

    private IReadOnlyList<KeyValuePair<string, int>> ReadObjectives(bool hasPool)
    {
        var objectives = values.Priorities("objectives");
        if (objectives.Count > 0 && !hasPool)
        {
            mistakes.Add($"--objectives is '{values.TextOrNull("objectives")}', but {NoPool}");
        }

        return objectives;
    }

    private const string NoPool = "there is no InferencePool here; leave it out, or choose a preset and a --gateway with one, such as --preset pd-70b --gateway istio.";

    private int ReadThreshold(EngineGroup? prefill)
    {
        if (prefill is null)
        {
            if (values.TextOrNull("pd-threshold") is { } text)
            {
                var remedy = Defaults.PrefillOnRequest is null ? "use --preset pd-70b or pd-dp8" : "add some with --prefill-replicas";
                mistakes.Add($"--pd-threshold is '{text}', but no engine of preset '{preset.Name}' only prefills; leave it out, or {remedy}.");
            }

            return 0;
        }

        return values.CountOrNull("pd-threshold", because: null, minimum: 0) ?? Defaults.PrefillThreshold ?? 0;
    }

    private KeyValuePair<string, int>? ReadRdma() => values.TextOrNull("rdma-resource") switch
    {
        null => Defaults.Rdma,
        "none" => null,
        _ => values.NamedCount("rdma-resource"),
    };
}
