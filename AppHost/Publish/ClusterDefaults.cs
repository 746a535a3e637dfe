namespace LlmdAspire.AppHost.Publish;

/// <summary>What a preset publishes unless options say otherwise: the numbers of its seed.</summary>
internal sealed record ClusterDefaults
{
    public required string Namespace { get; init; }

    /// <summary>What tells two installations in a namespace apart; null where the seed's names have none.</summary>
    public required string? Postfix { get; init; }

    public required string Model { get; init; }

    public required GatewayProvider Gateway { get; init; }

    /// <summary>Whether there can be a gateway in front.</summary>
    public bool CanHaveGateway { get; init; } = true;

    public FrontKind Front { get; init; } = FrontKind.Epp;

    /// <summary>Whether an index knows what every engine's KV cache holds.</summary>
    public bool HasKvIndexer { get; init; }

    /// <summary>Whether the gateway is told of the picker by an EnvoyFilter, which only Istio has, instead of a pool.</summary>
    public bool AttachesByFilter { get; init; }

    /// <summary>Where a decode engine listens when its sidecar has the serving port.</summary>
    public int PortBehindSidecar { get; init; } = ClusterPlan.DefaultPortBehindSidecar;

    /// <summary>Whether the router may stand in front instead of the picker.</summary>
    public bool CanHaveRouterInFront { get; init; }

    /// <summary>Null where no engine only prefills.</summary>
    public EngineGroup? Prefill { get; init; }

    /// <summary>Engines that only prefill, of which there are none unless <c>--prefill-replicas</c> says how many.</summary>
    public EngineGroup? PrefillOnRequest { get; init; }

    /// <summary>Whether the requests of a session stay on one engine.</summary>
    public bool KeepsSessions { get; init; }

    /// <summary>Engines that decode, or do both.</summary>
    public required EngineGroup Decode { get; init; }

    /// <summary>Tokens of a prompt and its answer; null leaves it to the model.</summary>
    public int? MaxModelLength { get; init; }

    /// <summary>Tokens of a KV block; null leaves it to the engine.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Uncached tokens of a prompt from which it is prefilled elsewhere; 0 for every prompt.</summary>
    public int? PrefillThreshold { get; init; }

    /// <summary>The device of KV transfers; null for TCP.</summary>
    public KeyValuePair<string, int>? Rdma { get; init; }
}
