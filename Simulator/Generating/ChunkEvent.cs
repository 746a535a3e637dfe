using LlmdAspire.EngineModel;

namespace LlmdAspire.Simulator.Generating;

/// <summary>One step of one choice, to be written as an event of a stream.</summary>
internal readonly ref struct ChunkEvent
{
    public required int Choice { get; init; }

    /// <summary>New text, valid UTF-8, perhaps empty.</summary>
    public required ReadOnlySpan<byte> Text { get; init; }

    /// <summary>New tokens.</summary>
    public required ReadOnlySpan<int> Tokens { get; init; }

    /// <summary>Where in the answer the first of them stands.</summary>
    public required int Position { get; init; }

    /// <summary>The sequence, for its prompt and for what stopped it.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>Why the choice ends with this event; None when it goes on.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>Whether this is the choice's first event.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Tokens of the choice so far, where the client wants to see them in every chunk.</summary>
    public required TokenUsage? Usage { get; init; }
}
