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
        new("model", "ID", "Model to serve. Default: Qwen/Qwen3-0.6B, small and ungated."),
        new("router-port", "PORT", "Port of the OpenAI API; 0 takes a free one. Default: 30000."),
        new("dashboard-port", "PORT", "Port of the stack's dashboard; 0 takes a free one. Default: 18080."),
        new("redis", "on|off", "Run a Redis beside the stack. Default: off."),
        new("simulator-time-scale", "FACTOR", "How many times faster than real time simulated engines run. Default: 1."),
        new("resources-file", "PATH", "Write the resources as JSON: name, url, metrics, pid."),
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
