namespace LlmdAspire.EngineModel.Timing;

/// <summary>Says how long an engine takes for what it does, in the time of the model, before any time scale.</summary>
/// <remarks>Immutable; called by one engine under its lock, once a step: no allocation.</remarks>
public interface ITimingModel
{
    /// <summary>Whether all sequences go through a step together, one step after the other, as on a GPU. Otherwise each has steps of its own, beside the others'.</summary>
    bool IsBatched { get; }

    /// <summary>Copies of KV content.</summary>
    TransferTimes Transfer { get; }

    /// <summary>From a request's arrival until the scheduler sees it.</summary>
    /// <param name="promptTokens">Tokens of all its prompts.</param>
    /// <returns>The time with the tokenizer, which does one request after the other, and the time besides.</returns>
    (TimeSpan Tokenizing, TimeSpan Besides) Intake(int promptTokens);

    /// <summary>How long a step takes.</summary>
    /// <param name="random">The engine's own, for times that vary.</param>
    TimeSpan StepTime(in StepWork work, Random random);
}
