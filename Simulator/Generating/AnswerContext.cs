using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What the format of an answer may need to know.</summary>
/// <param name="Plans">The prescribed text of each sequence; null for one that is free.</param>
internal sealed record AnswerContext(AnswerHead Head, ServedEngine Engine, ModelTask Task, IReadOnlyList<PlannedText?> Plans)
{
    public GenerationFields Asked => Task.Fields;
}
