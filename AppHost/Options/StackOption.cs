using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost;

/// <summary>One option of the command line, also a key of <c>appsettings.json</c> and an environment variable.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Value">What stands for its value in <c>--help</c>; null for a switch.</param>
/// <param name="Help">One line.</param>
internal sealed record StackOption(string Name, string? Value, string Help)
{
    /// <summary>The options of this AppHost.</summary>
    public static IReadOnlyList<StackOption> All { get; } =
    [
        new("preset", "NAME", "What to compose; --list-presets names them. Default: default."),
        new("engines", "auto|vllm|simulator", "auto: vLLM where a container runtime and GPUs are found, else simulators. Default: auto."),
        new("front", "epp|router", "Who chooses engines, for pd-dp8. Default: epp."),
        new("model", "ID", "Model to serve. Default: Qwen/Qwen3-0.6B, small and ungated, in a run; the preset's own when publishing."),
        new("router-port", "PORT", "Port of the OpenAI API; 0 takes a free one. Default: 30000."),
        new("dashboard-port", "PORT", "Port of the stack's dashboard; 0 takes a free one. Default: 18080."),
        new("redis", "on|off", "Run a Redis beside the stack. Default: off."),
        new("simulator-time-scale", "FACTOR", "How many times faster than real time simulated engines run. Default: 1."),
        new("resources-file", "PATH", "Write the resources as JSON: name, url, metrics, pid."),
        new("gateway", "PROVIDER", "Publishing: istio, istioBench (larger and quieter), kgateway, gke, aks, xpu, or none. Default: the preset's."),
        new("existing-gateway", "NAME", "Publishing: route through this Gateway instead of one of the chart's own."),
        new("namespace", "NAME", "Publishing: where the chart is meant to be installed. Default: the preset's."),
        new("release-postfix", "NAME", "Publishing: part of every name, so that two stacks live in one namespace. Default: the preset's."),
        new("inference-pool-version", "v1|v1alpha2", "Publishing: version of the InferencePool; v1alpha2 is for gateways from before v1. Default: v1."),
        new("objectives", "NAME=N[,NAME=N]", "Publishing: InferenceObjectives with their priorities, such as chat=10,batch=-1. Default: none."),
        new("prefill-replicas", "N", "Publishing: engines that prefill. Default: the preset's."),
        new("decode-replicas", "N", "Publishing: engines that decode, or do both. Default: the preset's."),
        new("tensor-parallel", "N|P,D", "Publishing: GPUs per rank, for all engines or for prefill and decode. Default: the preset's."),
        new("data-parallel", "N", "Publishing: ranks per engine. Default: the preset's."),
        new("gpus-per-node", "N", "Publishing: GPUs that a node has. Default: 8."),
        new("nodes-per-engine", "N|P,D", "Publishing: nodes that one engine is spread over, as a LeaderWorkerSet, for all engines or for prefill and decode. Default: 1."),
        new("cpu", "Q|P,D", "Publishing: CPUs of an engine's pod, such as 16, for all engines or for prefill and decode. Default: the preset's."),
        new("memory", "Q|P,D", "Publishing: memory of an engine's pod, such as 64Gi, likewise. Default: the preset's."),
        new("shared-memory", "Q|P,D", "Publishing: size of its /dev/shm, which counts as its memory, likewise. Default: 16Gi."),
        new("autoscaling", "none|hpa|keda", "Publishing: who decides how many engines there are, by queue and KV cache use. Default: none, the replicas are fixed."),
        new("min-replicas", "N|P,D", "Publishing: fewest engines when autoscaled, for all or for prefill and decode. Default: 1."),
        new("max-replicas", "N|P,D", "Publishing: most engines when autoscaled, likewise; autoscaling needs it."),
        new("target-queue", "N", "Publishing: waiting requests per rank that autoscaling aims at, and above which an alert fires. Default: 5."),
        new("prometheus-address", "URL", $"Publishing: where KEDA asks Prometheus. Default: {Autoscaling.DefaultPrometheus}."),
        new("alert-ttft", "SECONDS", "Publishing: time to first token, 99th percentile, above which an alert fires. Default: 5."),
        new("max-model-len", "TOKENS", "Publishing: longest prompt with its answer. Default: the preset's."),
        new("pd-threshold", "TOKENS", "Publishing: uncached tokens from which a prompt is prefilled elsewhere; 0 is always. Default: the preset's."),
        new("rdma-resource", "NAME=COUNT", "Publishing: device for KV transfers, such as rdma/ib=1, or none. Default: the preset's."),
        new("node-selector", "K=V[,K=V]", "Publishing: labels of the nodes that engines run on. Default: none."),
        new("storage-class", "NAME", "Publishing: keep models on volumes of this class, shared by replicas. Default: download them into each pod."),
        new("image-registry", "PATH", $"Publishing: where this stack's own images are. Default: {ServiceImages.DefaultRegistry}."),
        new("image-tag", "TAG", "Publishing: version of this stack's own images. Default: this version."),
        new("list-presets", null, "Name the presets and stop."),
        new("version", null, "Show the version and stop."),
        new("help", null, "Show this and stop."),
    ];

    /// <summary>Aspire's own options, which pass through.</summary>
    public static IReadOnlyList<string> Aspire { get; } =
    [
        "operation", "step", "output-path", "publisher", "log-level", "include-exception-details", "clear-cache", "yes",
        "environment", "contentRoot", "applicationName", "deploy",
    ];
}
