using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Prefix;

namespace LlmdAspire.Epp.Decisions;

/// <summary>One decision, kept to explain it. Holds no text of the request.</summary>
/// <param name="Candidates">Everything there was to choose from.</param>
/// <param name="Prefix">What was known about the prompt's beginning; null when nobody asked.</param>
/// <param name="At">When, on the service's clock.</param>
internal sealed record Decision(
    string RequestId, string Model, ScheduleResult Result, EngineEndpoint[] Candidates, PrefixMatches? Prefix, TimeSpan Took, long At, string? TraceId);
