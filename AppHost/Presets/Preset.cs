using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Presets;

/// <summary>A named composition of engines and what stands in front of them.</summary>
/// <param name="Name">Value of <c>--preset</c>.</param>
/// <param name="Summary">One line for <c>--list-presets</c>.</param>
/// <param name="Cluster">What it publishes.</param>
/// <param name="Run">Adds the resources of a local run to the application.</param>
internal sealed record Preset(string Name, string Summary, ClusterDefaults Cluster, Action<IDistributedApplicationBuilder, StackOptions> Run)
{
    /// <summary>Every preset, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("default", "Two prefill and two decode engines behind router, endpoint picker and KV indexer", SeedClusters.Default, DefaultPreset.Compose),
        new("pd-70b", "Llama 3.3 70B: four one-GPU prefill engines and a four-GPU decode engine behind an endpoint picker", SeedClusters.PrefillDecode70B, DefaultPreset.Compose),
        new("vllm-native", "Sixteen independent single-GPU engines behind plain round robin", SeedClusters.VllmNative, VllmNativePreset.Compose),
    ];
}
