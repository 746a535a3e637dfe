using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What a request wants generated, whatever API it came by.</summary>
internal sealed record ModelTask
{
    public required GenerationFields Fields { get; init; }

    /// <summary>Token ids of each prompt.</summary>
    public required IReadOnlyList<List<int>> Prompts { get; init; }

    /// <summary>What echo mode gives back for each prompt; the prompts themselves, or a part of them.</summary>
    public required IReadOnlyList<List<int>> Echoed { get; init; }

    /// <summary>Whether the answer begins a text, instead of going on where the prompt ends.</summary>
    public bool BeginsText { get; init; }

    /// <summary>Whether each choice begins with its prompt's text.</summary>
    public bool EchoesPrompt { get; init; }

    /// <summary>The text that the request prescribes, by the key of the answer; null where the model writes what it likes.</summary>
    public Func<ulong, PlannedText?> Plan { get; init; } = _ => null;
}
