namespace LlmdAspire.EngineModel;

/// <summary>Shape of an engine; fixed while it lives, unlike its <see cref="Latencies"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Sequences that run at the same time; the others wait, without a bound, as in vLLM.</summary>
    public int MaxSequences { get; init; } = 256;

    /// <summary>Tokens in one KV-cache block.</summary>
    public int BlockSize { get; init; } = 16;

    /// <summary>KV-cache blocks the engine has.</summary>
    public int Blocks { get; init; } = 16384;

    /// <summary>How many times faster than real time the engine runs.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>Prompt and generated tokens together; decides the histogram buckets for token counts.</summary>
    public int MaxModelLength { get; init; } = 131072;
}
