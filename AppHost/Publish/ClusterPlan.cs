namespace LlmdAspire.AppHost.Publish;

/// <summary>What is published: a preset's defaults with the options laid over them, checked.</summary>
internal sealed record ClusterPlan
{
    /// <summary>Where the seeds put the port of requests and, beside a sidecar, the engine behind it.</summary>
    public const int ServingPort = 8000;
    public const int EngineBehindSidecarPort = 8200;

    public required string Preset { get; init; }

    public required string Namespace { get; init; }

    public required ClusterNames Names { get; init; }

    public required string Model { get; init; }

    public required GatewayProvider Gateway { get; init; }

    public required FrontKind Front { get; init; }

    /// <summary>The gateway that is there already; null when the chart brings one.</summary>
    public string? ExistingGateway { get; init; }

    public EngineGroup? Prefill { get; init; }

    public required EngineGroup Decode { get; init; }

    public int? MaxModelLength { get; init; }

    public int? BlockSize { get; init; }

    public int PrefillThreshold { get; init; }

    public KeyValuePair<string, int>? Rdma { get; init; }

    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Storage class of the model caches; null keeps downloads for as long as the pod lives.</summary>
    public string? StorageClass { get; init; }

    public required ServiceImages Images { get; init; }

    public string ChartName => $"llmd-{Preset}";

    /// <summary>The Helm release, which is also in the labels of every object.</summary>
    public string ReleaseName => Names.Postfix ?? "llm-d";

    public bool HasGateway => Gateway != GatewayProvider.None;

    /// <summary>A gateway sends a request to one pod, which must itself see to the other half.</summary>
    public bool HasSidecar => HasGateway && Prefill is not null;

    /// <summary>Where decode engines themselves listen.</summary>
    public int DecodePort => HasSidecar ? EngineBehindSidecarPort : ServingPort;
}

/// <summary>Who chooses engines.</summary>
internal enum FrontKind
{
    /// <summary>The endpoint picker.</summary>
    Epp,

    /// <summary>The router by itself.</summary>
    Router,
}
