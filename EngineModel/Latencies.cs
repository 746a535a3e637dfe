namespace LlmdAspire.EngineModel;

/// <summary>How long the engine's steps take, in the time of the model, before any time scale.</summary>
public sealed record Latencies
{
    /// <summary>From the start of the prefill to the first token. Zero: the time follows from the prompt's length.</summary>
    public TimeSpan TimeToFirstToken { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Prefill time of one prompt token, where <see cref="TimeToFirstToken"/> is zero.</summary>
    public TimeSpan PrefillTimePerToken { get; init; }

    /// <summary>Between two tokens of a sequence.</summary>
    public TimeSpan InterTokenLatency { get; init; } = TimeSpan.FromMilliseconds(8);

    /// <summary>How long the prompt takes before its first token comes out.</summary>
    public TimeSpan Prefill(int promptTokens) =>
        TimeToFirstToken > TimeSpan.Zero ? TimeToFirstToken : PrefillTimePerToken * promptTokens;
}
