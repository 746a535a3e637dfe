using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.State;

/// <summary>All that one look at the sources brought; nothing computed yet.</summary>
/// <param name="Sources">The Router first.</param>
/// <param name="Workers">As the Router and the picker listed them last, be it in an earlier look while they are away.</param>
internal sealed record StackReading(
    DateTimeOffset Time,
    IReadOnlyList<SourceState> Sources,
    IReadOnlyList<WorkerReading> Workers,
    IReadOnlyList<RequestRow> Requests,
    IReadOnlyList<string> Models,
    MetricsReading? Router)
{
    /// <summary>The picker's decisions about <see cref="Requests"/>, by request id; null for those it does not remember.</summary>
    public IReadOnlyDictionary<string, PickerDecision?> Decisions { get; init; } = new Dictionary<string, PickerDecision?>();
}

/// <param name="Metrics">Null when the engine's <c>/metrics</c> did not answer.</param>
/// <param name="Away">Why not.</param>
internal sealed record WorkerReading(Worker Worker, MetricsReading? Metrics, string? Away)
{
    /// <summary>What the picker says of it; null when no picker may choose it.</summary>
    public PickerEndpoint? Candidate { get; init; }

    /// <summary>How well the KvIndexer follows it; null when it does not.</summary>
    public IndexedEngine? Index { get; init; }
}
