using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Transfer;

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

    /// <summary>Choices that were asked for this prompt, told by the first of them; 0 for the others.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Adapter the tokens run through; its blocks are its own.</summary>
    public string? LoraName { get; init; }

    /// <summary>Keeps this request's blocks apart from those of others with the same tokens.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>Content that another engine has computed; null for none.</summary>
    public KvImport? Import { get; init; }

    /// <summary>Name under which the engine keeps the blocks once the sequence has run to its end, see <see cref="Engine.FindExport"/>; null to free them.</summary>
    public string? ExportAs { get; init; }
}
