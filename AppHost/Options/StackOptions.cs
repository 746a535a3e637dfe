using LlmdAspire.AppHost.Presets;
using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost;

/// <summary>What the user asked for, checked.</summary>
internal sealed record StackOptions
{
    public required Preset Preset { get; init; }

    public required EngineKind Engines { get; init; }

    /// <summary>Model identifier as vLLM takes it.</summary>
    public required string Model { get; init; }

    /// <summary>What is published.</summary>
    public required ClusterPlan Cluster { get; init; }

    public required PortChoice RouterPort { get; init; }

    public required PortChoice DashboardPort { get; init; }

    /// <summary>Whether a Redis runs beside the stack.</summary>
    public required bool Redis { get; init; }

    /// <summary>How many times faster than real time simulated engines run.</summary>
    public required double SimulatorTimeScale { get; init; }

    /// <summary>Where the list of resources goes as JSON; null for nowhere.</summary>
    public string? ResourcesFile { get; init; }
}

/// <summary>Which engines run.</summary>
internal enum EngineKind
{
    /// <summary>vLLM where a container runtime and GPUs are found, else simulators.</summary>
    Auto,
    Vllm,
    Simulator,
}
