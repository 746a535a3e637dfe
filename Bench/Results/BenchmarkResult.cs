using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>A run and what was asked of it: all that a result file tells.</summary>
internal sealed record BenchmarkResult
{
    public required DateTimeOffset Date { get; init; }

    public required string Backend { get; init; }

    public required string? Label { get; init; }

    public required string ModelId { get; init; }

    public required string TokenizerId { get; init; }

    public required int NumPrompts { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; }

    public required double RequestRate { get; init; }

    public required double Burstiness { get; init; }

    public required int? MaxConcurrency { get; init; }

    public required RampUpReport? RampUp { get; init; }

    public required ReportOptions Options { get; init; }

    public required Metrics Metrics { get; init; }

    /// <summary>Of every request that ended, in the order of the prompts.</summary>
    public required IReadOnlyList<RequestOutcome> Outcomes { get; init; }

    /// <summary>Whether the run was stopped before its end.</summary>
    public required bool IsInterrupted { get; init; }

    /// <summary>What the file names and tables call it.</summary>
    public string Name => Label ?? Backend;
}
