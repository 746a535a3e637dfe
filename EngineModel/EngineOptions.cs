using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel;

/// <summary>Shape of an engine; fixed while it lives, unlike its <see cref="Engine.Timing"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Sequences that run at the same time; the others wait, without a bound, as in vLLM.</summary>
    public int MaxSequences { get; init; } = 256;

    /// <summary>Tokens that one step of all sequences computes at most; longer prompts take several.</summary>
    public int MaxBatchedTokens { get; init; } = 8192;

    /// <summary>Prompt tokens of one sequence that such a step computes at most; 0 for no such limit.</summary>
    public int LongPrefillThreshold { get; init; }

    /// <summary>Whether the rest of a step may go to a part of a prompt; otherwise a prompt waits for a step that holds all of it.</summary>
    public bool ChunksPrefills { get; init; } = true;

    /// <summary>Tokens in one KV-cache block.</summary>
    public int BlockSize { get; init; } = 16;

    /// <summary>Different adapters that run at the same time; sequences of others wait and let those behind them pass.</summary>
    public int MaxAdapters { get; init; } = 1;

    /// <summary>KV-cache blocks the engine has.</summary>
    public int Blocks { get; init; } = 16384;

    /// <summary>Names the blocks of the prefix cache; null for an engine without one.</summary>
    public EngineBlockHasher? PrefixHasher { get; init; }

    /// <summary>How long blocks are kept for another engine that has not fetched them, in real time.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many times faster than real time the engine runs.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>Prompt and generated tokens together; decides the histogram buckets for token counts.</summary>
    public int MaxModelLength { get; init; } = 131072;

    /// <summary>Seed of times that vary.</summary>
    public int Seed { get; init; }
}
