using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Presets;

/// <summary>A named composition of engines and what stands in front of them.</summary>
/// <param name="Name">Value of <c>--preset</c>.</param>
/// <param name="Summary">One line for <c>--list-presets</c>.</param>
/// <param name="Cluster">What it publishes; a local run has engines as many and as large, where they are simulated.</param>
/// <param name="Run">Adds the resources of a local run to the application.</param>
internal sealed record Preset(string Name, string Summary, ClusterDefaults Cluster, Action<IDistributedApplicationBuilder, StackOptions> Run)
{
    /// <summary>Every preset, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("default", "Two prefill and two decode engines behind router, endpoint picker and KV indexer", SeedClusters.Default, DefaultPreset.Run),
        new("vllm-native", "Sixteen independent single-GPU engines behind plain round robin", SeedClusters.VllmNative, VllmNativePreset.Run),
        new("pd-dp8", "A prefill and a decode engine of eight data-parallel ranks each, behind a picker or the router alone", SeedClusters.PrefillDecodeDp8, PrefillDecodePreset.Run),
        new("epp-sticky", "Engines behind a picker that keeps sessions and shared beginnings together", SeedClusters.EppSticky, StickyPreset.Run),
        new("pd-70b", "Four one-GPU prefill engines and a four-GPU decode engine behind a picker", SeedClusters.PrefillDecode70B, PrefillDecodePreset.Run),
    ];
}
