using LlmdAspire.EngineModel.Timing;

namespace LlmdAspire.EngineModel.Tests.Timing;

/// <summary>A batched engine with times that are easy to add up: 10 ms a step and 1 ms for each prompt token in it.</summary>
internal sealed class SteadySteps : ITimingModel
{
    public bool IsBatched => true;

    public TransferTimes Transfer { get; init; } = new() { BytesPerToken = 1000, BytesPerSecond = 1e6, Overhead = TimeSpan.Zero };

    public TimeSpan TokenizerTime { get; init; }

    /// <summary>What each step computed.</summary>
    public List<StepWork> Steps { get; } = [];

    public (TimeSpan Tokenizing, TimeSpan Besides) Intake(int promptTokens) => (TokenizerTime, TokenizerTime);

    public TimeSpan StepTime(in StepWork work, Random random)
    {
        Steps.Add(work);
        return TimeSpan.FromMilliseconds(10 + work.PrefillTokens);
    }
}
