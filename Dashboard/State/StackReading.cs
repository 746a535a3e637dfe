using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.State;

/// <summary>All that one look at the sources brought; nothing computed yet.</summary>
/// <param name="Sources">The Router first.</param>
/// <param name="Workers">As the Router listed them last, be it in an earlier look while it is away.</param>
internal sealed record StackReading(
    DateTimeOffset Time,
    IReadOnlyList<SourceState> Sources,
    IReadOnlyList<WorkerReading> Workers,
    IReadOnlyList<RequestRow> Requests,
    IReadOnlyList<string> Models,
    MetricsReading? Router);

/// <param name="Metrics">Null when the engine's <c>/metrics</c> did not answer.</param>
/// <param name="Away">Why not.</param>
internal sealed record WorkerReading(Worker Worker, MetricsReading? Metrics, string? Away);
