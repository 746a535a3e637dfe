namespace LlmdAspire.EngineModel.Timing;

/// <summary>How long it takes to copy KV content from another engine.</summary>
public sealed record TransferTimes
{
    /// <summary>A copy of any size. Zero: the time follows from the tokens.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Standard deviation of <see cref="Latency"/>.</summary>
    public TimeSpan LatencyDeviation { get; init; }

    /// <summary>One token's content, where <see cref="Latency"/> is zero. Zero as well: bytes and bandwidth decide.</summary>
    public TimeSpan TimePerToken { get; init; }

    /// <summary>Standard deviation of a whole copy by <see cref="TimePerToken"/>.</summary>
    public TimeSpan TimeDeviation { get; init; }

    /// <summary>KV bytes of one token. 128 KiB is Llama 3.1 8B: keys and values of 32 layers, 8 heads of 128, two bytes each.</summary>
    public double BytesPerToken { get; init; } = 128 * 1024;

    public double BytesPerSecond { get; init; } = 20e9;

    /// <summary>Handshake and notification around a copy, which no bandwidth shortens.</summary>
    public TimeSpan Overhead { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long it takes to copy the KV content of so many tokens.</summary>
    /// <returns>The time on the link, which one copy after the other has to itself, and the time besides. A time that is given as such holds for each copy, so nothing of it is on the link.</returns>
    public (TimeSpan OnLink, TimeSpan Besides) Of(int tokens, Random random) =>
        Latency > TimeSpan.Zero ? (TimeSpan.Zero, ClampedNormal.Draw(Latency, LatencyDeviation, random))
        : TimePerToken > TimeSpan.Zero ? (TimeSpan.Zero, ClampedNormal.Draw(TimePerToken.Times(tokens), TimeDeviation, random))
        : (TimeSpan.FromSeconds(tokens * BytesPerToken / BytesPerSecond), Overhead);
}
