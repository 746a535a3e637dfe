using LlmdAspire.EngineModel.Text;

namespace LlmdAspire.EngineModel;

/// <summary>One sequence to generate; a request for several prompts or choices submits several.</summary>
public sealed record SequenceRequest
{
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>Where the tokens come from; used by one sequence only.</summary>
    public required ITokenSource Source { get; init; }

    /// <summary>Tokens after which the sequence ends with <see cref="FinishReason.Length"/>. Zero: only the prompt is computed.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>When to stop earlier; null for never.</summary>
    public StopCondition? Stop { get; init; }
}
