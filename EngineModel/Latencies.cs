namespace LlmdAspire.EngineModel;

/// <summary>How long the engine's steps take, in the time of the model, before any time scale.</summary>
public sealed record Latencies
{
    /// <summary>From the start of the prefill to the first token. Zero: the time follows from the tokens to compute.</summary>
    public TimeSpan TimeToFirstToken { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Prefill time of one prompt token that is not cached, where <see cref="TimeToFirstToken"/> is zero.</summary>
    public TimeSpan PrefillTimePerToken { get; init; }

    /// <summary>Between two tokens of a sequence.</summary>
    public TimeSpan InterTokenLatency { get; init; } = TimeSpan.FromMilliseconds(8);

    /// <summary>Copying KV content from another engine, whatever its size. Zero: the time follows from the tokens.</summary>
    public TimeSpan TransferLatency { get; init; }

    /// <summary>Copying the KV content of one token, where <see cref="TransferLatency"/> is zero. Zero as well: bytes and bandwidth decide.</summary>
    public TimeSpan TransferTimePerToken { get; init; }

    /// <summary>KV bytes of one token. 128 KiB is Llama 3.1 8B: keys and values of 32 layers, 8 heads of 128, two bytes each.</summary>
    public double TransferBytesPerToken { get; init; } = 128 * 1024;

    /// <summary>A 200 Gbit/s link.</summary>
    public double TransferBytesPerSecond { get; init; } = 25e9;

    /// <summary>Handshake and notification around a copy, which no bandwidth shortens.</summary>
    public TimeSpan TransferOverhead { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a prompt takes before its first token comes out.</summary>
    /// <param name="tokens">Tokens to compute: those that are neither cached nor copied.</param>
    public TimeSpan Prefill(int tokens) =>
        TimeToFirstToken > TimeSpan.Zero ? TimeToFirstToken : PrefillTimePerToken * tokens;

    /// <summary>How long it takes to copy the KV content of so many tokens.</summary>
    public TimeSpan Transfer(int tokens) =>
        TransferLatency > TimeSpan.Zero ? TransferLatency
        : TransferTimePerToken > TimeSpan.Zero ? TransferTimePerToken * tokens
        : TransferOverhead + TimeSpan.FromSeconds(tokens * TransferBytesPerToken / TransferBytesPerSecond);
}
