namespace Aspire.Hosting.ApplicationModel;

/// <summary>One vLLM engine: an OpenAI-compatible server for one model.</summary>
/// <param name="name">Resource name; also the engine's name in logs, traces and manifests.</param>
/// <param name="model">Model identifier as vLLM takes it, for example <c>Qwen/Qwen3-0.6B</c>.</param>
public sealed class VllmResource(string name, string model) : ContainerResource(name), IResourceWithServiceDiscovery
{
    internal const string HttpEndpointName = "http";
    internal const string KvEventsEndpointName = "kv-events";
    internal const string KvReplayEndpointName = "kv-replay";

    private EndpointReference? _http;
    private EndpointReference? _kvEvents;
    private EndpointReference? _kvReplay;

    /// <summary>Model identifier as vLLM takes it; clients name it in their requests.</summary>
    public string Model { get; } = model;

    /// <summary>How many data-parallel ranks share its port; 1 unless <c>WithDataParallel</c> says more.</summary>
    public int Ranks => this.TryGetLastAnnotation<DataParallelAnnotation>(out var ranks) ? ranks.Size : 1;

    /// <summary>What <c>WithGpus</c> says, or else what its ranks need.</summary>
    internal int Gpus => this.TryGetLastAnnotation<GpuAnnotation>(out var gpus)
        ? gpus.Count
        : Ranks * (this.TryGetLastAnnotation<TensorParallelAnnotation>(out var split) ? split.Size : 1);

    /// <summary>The OpenAI-compatible API, with <c>/health</c> and <c>/metrics</c>.</summary>
    public EndpointReference HttpEndpoint => _http ??= new EndpointReference(this, HttpEndpointName);

    /// <summary>Where rank 0 publishes KV-cache events; further ranks add to the port. Exists after <c>WithKvEvents</c>.</summary>
    public EndpointReference KvEventsEndpoint => _kvEvents ??= new EndpointReference(this, KvEventsEndpointName);

    /// <summary>Where rank 0 replays KV-cache events. Exists after <c>WithKvEvents</c>.</summary>
    public EndpointReference KvReplayEndpoint => _kvReplay ??= new EndpointReference(this, KvReplayEndpointName);
}
