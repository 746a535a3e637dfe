namespace LlmdAspire.AppHost.Presets;

/// <summary>A named composition of engines and what stands in front of them.</summary>
/// <param name="Name">Value of <c>--preset</c>.</param>
/// <param name="Summary">One line for <c>--list-presets</c>.</param>
/// <param name="Compose">Adds its resources to the application.</param>
internal sealed record Preset(string Name, string Summary, Action<IDistributedApplicationBuilder, StackOptions> Compose)
{
    /// <summary>Every preset, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("default", "Router over four engines, with the dashboard", DefaultPreset.Compose),
        new("vllm-native", "Sixteen independent single-GPU engines behind plain round robin", VllmNativePreset.Compose),
    ];
}
