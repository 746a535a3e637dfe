namespace LlmdAspire.Scheduling.Prefix;

/// <summary>Parameters of <c>approx-prefix-cache-producer</c>, with llm-d's defaults.</summary>
public sealed record ApproximatePrefixOptions
{
    /// <summary>Takes block size and capacity from what the engines say about their caches.</summary>
    public bool AutoTune { get; init; } = true;

    public int BlockSizeTokens { get; init; } = 16;

    public int MaxPrefixBlocksToMatch { get; init; } = 2048;

    /// <summary>Beats the limit in blocks; 0 leaves that one in force.</summary>
    public int MaxPrefixTokensToMatch { get; init; } = 131072;

    public int LruCapacityPerServer { get; init; } = 31250;
}
