using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>How many of a prompt's first blocks each endpoint holds.</summary>
public sealed class PrefixMatches
{
    private readonly int[] _blocks;
    private readonly double[]? _weights;

    /// <param name="blocks">By the endpoints' slots; slots beyond the end hold nothing.</param>
    /// <param name="weights">Blocks weighted by how fast their tier is; null when all count fully.</param>
    public PrefixMatches(int blockSize, int totalBlocks, int promptTokens, int[] blocks, double[]? weights = null)
    {
        BlockSize = blockSize;
        TotalBlocks = totalBlocks;
        PromptTokens = promptTokens;
        _blocks = blocks;
        _weights = weights;
    }

    /// <summary>Tokens per block.</summary>
    public int BlockSize { get; }

    /// <summary>Blocks of the whole prompt.</summary>
    public int TotalBlocks { get; }

    public int PromptTokens { get; }

    /// <summary>Where this comes from: <c>indexer</c> or <c>approximate</c>.</summary>
    public string Source { get; init; } = "approximate";

    /// <summary>Why the indexer was not used although it was meant to be; null when it was, or was never meant.</summary>
    public string? Fallback { get; init; }

    /// <summary>How long the indexer took to answer; null when it was not the source.</summary>
    public TimeSpan? LookupTime { get; init; }

    /// <summary>Prompt tokens that an engine there will not compute: whole blocks, and never the last token, which gives the first new one.</summary>
    public int ExpectedTokensOn(EngineEndpoint endpoint) =>
        BlockSize <= 0 ? 0 : Math.Max(0, Math.Min(BlocksOn(endpoint), (PromptTokens - 1) / BlockSize)) * BlockSize;

    public int BlocksOn(EngineEndpoint endpoint) => endpoint.Slot < _blocks.Length ? _blocks[endpoint.Slot] : 0;

    public double WeightOn(EngineEndpoint endpoint) =>
        _weights is null ? BlocksOn(endpoint) : endpoint.Slot < _weights.Length ? _weights[endpoint.Slot] : 0;

    /// <summary>The same findings, used in place of the indexer's.</summary>
    public PrefixMatches InsteadOfIndexer(string reason) =>
        new(BlockSize, TotalBlocks, PromptTokens, _blocks, _weights) { Source = Source, Fallback = reason };
}
