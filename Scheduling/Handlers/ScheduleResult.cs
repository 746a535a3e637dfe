using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>How scheduling ended.</summary>
public enum ScheduleOutcome
{
    Chosen,

    /// <summary>There was no candidate to begin with.</summary>
    NoEndpoints,

    /// <summary>The filters of a needed profile left none.</summary>
    Drained,
}

/// <summary>Where a request goes, and why.</summary>
public sealed record ScheduleResult(ScheduleOutcome Outcome, IReadOnlyList<ProfileRun> Runs)
{
    public static readonly ScheduleResult NoEndpoints = new(ScheduleOutcome.NoEndpoints, []);

    /// <summary>Endpoints for the decode phase, best first: the first is meant, the others are for retries.</summary>
    public IReadOnlyList<EngineEndpoint> Destinations { get; init; } = [];

    /// <summary>Where the prompt is computed first; null when the destination does that itself.</summary>
    public EngineEndpoint? Prefill { get; init; }

    /// <summary>The prefill phase, whether or not it ran; null when the configuration has none.</summary>
    public PrefillStage? PrefillStage { get; init; }

    /// <summary>Where images and the like are encoded; empty when the destination does that itself.</summary>
    public IReadOnlyList<EngineEndpoint> Encoders { get; init; } = [];

    /// <summary>Set when the request goes to this port of the destination's host, and the destination proper travels as a header.</summary>
    public int? PrimaryPort { get; init; }

    public EngineEndpoint? Best => Destinations.Count > 0 ? Destinations[0] : null;

    /// <summary>llm-d's word for the phases that run apart.</summary>
    public string DecisionType => (Prefill is not null, Encoders.Count > 0) switch
    {
        (true, true) => "encode-prefill-decode",
        (true, false) => "prefill-decode",
        (false, true) => "encode-decode",
        _ => "decode-only",
    };
}
