namespace LlmdAspire.Scheduling.Endpoints;

/// <summary>What an engine said about itself at one moment. Immutable; a new reading replaces it.</summary>
public sealed record EngineLoad
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly EngineLoad Unknown = new();

    public int Waiting { get; init; }

    public int Running { get; init; }

    /// <summary>Share of the KV cache in use, 0 to 1.</summary>
    public double KvUsage { get; init; }

    /// <summary>Tokens per KV block; 0 when the engine does not tell.</summary>
    public int BlockSize { get; init; }

    /// <summary>KV blocks on the GPU; 0 when the engine does not tell.</summary>
    public int BlockCount { get; init; }

    /// <summary>Adapters that may be active at once; 0 when the engine does not tell.</summary>
    public int MaxLoras { get; init; }

    public IReadOnlyList<string> RunningLoras { get; init; } = [];

    public IReadOnlyList<string> WaitingLoras { get; init; } = [];

    /// <summary>When it was read, on the clock of whoever read it; 0 when never.</summary>
    public long ReadAt { get; init; }

    /// <summary>When it is to be read again, on the same clock.</summary>
    public long DueAt { get; init; }
}
