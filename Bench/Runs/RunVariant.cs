using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Runs;

/// <summary>In what one run of several differs from what the flags say.</summary>
internal sealed record RunVariant
{
    public static RunVariant None { get; } = new();

    public Target? Target { get; init; }

    public int? MaxConcurrency { get; init; }

    public string? Label { get; init; }

    /// <summary>Added to the seed, so that a repetition finds no prompt of an earlier one in the server's cache.</summary>
    public long SeedOffset { get; init; }
}
