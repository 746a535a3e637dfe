namespace LlmdAspire.Bench.Runs;

/// <summary>How the requests of a run are sent.</summary>
internal sealed record LoadOptions
{
    /// <summary>When each conversation arrives, in seconds after the start; in ascending order.</summary>
    public required double[] Arrivals { get; init; }

    /// <summary>Conversations at a time; those that arrive meanwhile wait, and their clocks do not run.</summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>Model of each request, as a JSON string.</summary>
    public required Func<int, byte[]> ModelOf { get; init; }

    /// <summary>How long a user reads before asking again.</summary>
    public TimeSpan ThinkTime { get; init; }

    /// <summary>Whether requests have numbers in their ids; warm-ups have none.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>Whether answers are kept.</summary>
    public bool KeepsText { get; init; }
}
