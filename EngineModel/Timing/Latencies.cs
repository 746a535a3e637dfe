namespace LlmdAspire.EngineModel.Timing;

/// <summary>Times that are given as such, as llm-d-inference-sim has them: each sequence keeps its own, whatever the others do.</summary>
public sealed record Latencies : ITimingModel
{
    /// <summary>From the start of the prefill to the first token. Zero: the time follows from the tokens to compute.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>Standard deviation of <see cref="TimeToFirstToken"/>.</summary>
    public TimeSpan TimeToFirstTokenDeviation { get; init; }

    /// <summary>Prefill time of a prompt before its tokens count, where <see cref="TimeToFirstToken"/> is zero.</summary>
    public TimeSpan PrefillOverhead { get; init; }

    /// <summary>Prefill time of one prompt token that is not cached, where <see cref="TimeToFirstToken"/> is zero.</summary>
    public TimeSpan PrefillTimePerToken { get; init; }

    /// <summary>Standard deviation of a prefill whose time follows from its tokens.</summary>
    public TimeSpan PrefillDeviation { get; init; }

    /// <summary>Between two tokens of a sequence.</summary>
    public TimeSpan InterTokenLatency { get; init; }

    /// <summary>Standard deviation of <see cref="InterTokenLatency"/>.</summary>
    public TimeSpan InterTokenDeviation { get; init; }

    /// <summary>How many times longer prefill and decode take when every place in the batch is taken; in between, in proportion.</summary>
    public double FactorUnderLoad { get; init; } = 1;

    public TransferTimes Transfer { get; init; } = new();

    public bool IsBatched => false;

    public (TimeSpan Tokenizing, TimeSpan Besides) Intake(int promptTokens) => default;

    public TimeSpan StepTime(in StepWork work, Random random)
    {
        var time = work.PrefillTokens > 0 ? Prefill(work.PrefillTokens, random)
            : work.Decodes > 0 ? ClampedNormal.Draw(InterTokenLatency, InterTokenDeviation, random)
            : TimeSpan.Zero;
        return FactorUnderLoad > 1 && work.Places > 1 ? time.Times(1 + ((FactorUnderLoad - 1) * (work.Running - 1) / (work.Places - 1))) : time;
    }

    /// <param name="tokens">Tokens to compute: those that are neither cached nor copied.</param>
    private TimeSpan Prefill(int tokens, Random random) =>
        TimeToFirstToken > TimeSpan.Zero
            ? ClampedNormal.Draw(TimeToFirstToken, TimeToFirstTokenDeviation, random)
            : ClampedNormal.Draw(PrefillOverhead + PrefillTimePerToken.Times(tokens), PrefillDeviation, random);
}
