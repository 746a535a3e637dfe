namespace LlmdAspire.AppHost.Publish;

/// <summary>What is published: a preset's defaults with the options laid over them, checked.</summary>
internal sealed record ClusterPlan
{
    /// <summary>Where the seeds put the port of requests and, beside a sidecar, the engine behind it.</summary>
    public const int ServingPort = 8000;
    public const int GatewayPort = 80;
    public const int DefaultPortBehindSidecar = 8200;

    /// <summary>Where a decode engine listens when something else has the serving port.</summary>
    public int PortBehindSidecar { get; init; } = DefaultPortBehindSidecar;

    public required string Preset { get; init; }

    /// <summary>Where the chart is meant to be installed; its objects do not say it, so that Helm's choice holds.</summary>
    public required string Namespace { get; init; }

    public required ClusterNames Names { get; init; }

    public required string Model { get; init; }

    public required GatewayProvider Gateway { get; init; }

    public required FrontKind Front { get; init; }

    /// <summary>The gateway that is there already; null when the chart brings one.</summary>
    public string? ExistingGateway { get; init; }

    public EngineGroup? Prefill { get; init; }

    public required EngineGroup Decode { get; init; }

    public required Autoscaling Autoscaling { get; init; }

    public PoolVersion PoolVersion { get; init; }

    /// <summary>Names that requests may carry, and the priorities they stand for.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Objectives { get; init; } = [];

    /// <summary>Seconds to the first token above which an alert fires.</summary>
    public double AlertTimeToFirstToken { get; init; }

    public int? MaxModelLength { get; init; }

    public int? BlockSize { get; init; }

    public int PrefillThreshold { get; init; }

    /// <summary>Whether the requests of a session stay on one engine.</summary>
    public bool KeepsSessions { get; init; }

    public KeyValuePair<string, int>? Rdma { get; init; }

    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Storage class of the model caches; null keeps downloads for as long as the pod lives.</summary>
    public string? StorageClass { get; init; }

    public required ServiceImages Images { get; init; }

    public string ChartName => $"llmd-{Preset}";

    /// <summary>The Helm release, which is also in the labels of every object.</summary>
    public string ReleaseName => Names.Postfix ?? "llm-d";

    /// <summary>Whether an index knows what every engine's KV cache holds.</summary>
    public bool HasKvIndexer { get; init; }

    /// <summary>Where clients within the cluster send requests.</summary>
    public (string Host, int Port) Door => this switch
    {
        // The seed's route answers to the whole name only.
        { HasGateway: true, AttachesByFilter: true } => (PublishedRouting.HostOf(GatewayService), GatewayPort),
        { HasGateway: true } => (GatewayService, GatewayPort),
        { Front: FrontKind.Router } => (Names.Router, PublishedStack.SeedRouterPort),
        { Front: FrontKind.Epp } => (Names.Router, PublishedStack.RouterPort),
        _ => (Names.Decode, DecodePort),
    };

    /// <summary>Whether that door is a Service; GKE's gateway is a load balancer outside of the cluster, whose address nobody knows before it is there.</summary>
    public bool HasDoor => Gateway != GatewayProvider.Gke;

    // Controllers name the Service of a gateway after it and, Istio, after its class.
    private string GatewayService => (ExistingGateway ?? Names.Gateway) + (Gateway.IsIstio() ? "-istio" : "");

    public bool HasGateway => Gateway != GatewayProvider.None;

    /// <summary>Whether the stack's own router stands in front.</summary>
    public bool HasRouter => Front == FrontKind.Router || (Front == FrontKind.Epp && !HasGateway);

    /// <summary>Whether the gateway's proxies are told of the picker by an EnvoyFilter instead of a pool.</summary>
    public bool AttachesByFilter { get; init; }

    /// <summary>Whether the picker's engines are an InferencePool.</summary>
    public bool HasPool => HasGateway && !AttachesByFilter;

    /// <summary>A gateway sends a request to one pod, which must itself see to the other half.</summary>
    public bool HasSidecar => HasGateway && (Prefill is not null || AttachesByFilter);

    /// <summary>Where decode engines themselves listen: beside a sidecar, and in front of the seed's router, not where prefill engines do.</summary>
    public int DecodePort => HasSidecar || (Front == FrontKind.Router && Prefill is not null) ? PortBehindSidecar : ServingPort;
}

/// <summary>Who chooses engines.</summary>
internal enum FrontKind
{
    /// <summary>The endpoint picker.</summary>
    Epp,

    /// <summary>The router by itself.</summary>
    Router,

    /// <summary>Nobody: a Service deals requests out in turn.</summary>
    Service,
}
