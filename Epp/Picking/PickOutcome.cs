using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Epp.Picking;

/// <summary>What became of a request: a place to go, or a refusal.</summary>
internal sealed record PickOutcome(InferenceRequest? Request, ModelRewrite? Rewrite, SchedulingContext? Context, ScheduleResult? Result, Refusal? Refusal)
{
    /// <summary>The model that the client named.</summary>
    public string Model => Rewrite?.From ?? TargetModel;

    /// <summary>The model that engines are asked for.</summary>
    public string TargetModel => Request?.Model ?? "";

    public static PickOutcome Refused(Refusal refusal) => new(null, null, null, null, refusal);
}
