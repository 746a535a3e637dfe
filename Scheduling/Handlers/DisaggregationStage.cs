using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>A phase that may run apart from decode.</summary>
internal sealed record DisaggregationStage(SchedulerProfile Profile, IDisaggregationDecider Decider);
