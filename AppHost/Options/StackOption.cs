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
        new("prefill-replicas", "N", "Publishing: pods that prefill. Default: the preset's."),
        new("decode-replicas", "N", "Publishing: pods that decode, or do both. Default: the preset's."),
        new("tensor-parallel", "N|P,D", "Publishing: GPUs per rank, for all engines or for prefill and decode. Default: the preset's."),
        new("data-parallel", "N", "Publishing: ranks per pod. Default: the preset's."),
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
