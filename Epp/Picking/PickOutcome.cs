using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Epp.Picking;

/// <summary>What became of a request: a place to go, or a refusal.</summary>
internal sealed record PickOutcome(InferenceRequest? Request, SchedulingContext? Context, ScheduleResult? Result, Refusal? Refusal)
{
    public static PickOutcome Refused(Refusal refusal) => new(null, null, null, refusal);
}
