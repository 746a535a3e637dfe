namespace LlmdAspire.EngineModel;

/// <summary>How far a sequence has come: its tokens so far and, with its last token and never before, why it ended.</summary>
public readonly ref struct SequenceProgress(ReadOnlySpan<int> tokens, FinishReason finish)
{
    /// <summary>The tokens so far. A longer list later begins with the same tokens.</summary>
    public ReadOnlySpan<int> Tokens { get; } = tokens;

    public FinishReason Finish { get; } = finish;
}
