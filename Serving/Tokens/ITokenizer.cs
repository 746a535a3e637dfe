namespace LlmdAspire.Serving.Tokens;

/// <summary>Turns text into token ids and token ids into text.</summary>
/// <remarks>
/// Implementations are immutable, thread-safe and do no I/O once built. Text is UTF-8 bytes on both sides, because one token may hold
/// a part of a character; only whole outputs need to be valid UTF-8.
/// </remarks>
public interface ITokenizer
{
    /// <summary>Ids from 0 up to here, exclusive, can be decoded.</summary>
    int VocabularySize { get; }

    /// <summary>No token decodes to more bytes than this.</summary>
    int MaxTokenBytes { get; }

    /// <summary>Special tokens that begin a prompt, such as <c>&lt;|begin_of_text|&gt;</c>.</summary>
    ReadOnlySpan<int> Before { get; }

    /// <summary>Special tokens that end a prompt; most models have none.</summary>
    ReadOnlySpan<int> After { get; }

    /// <summary>The id of a special token by its text, or null where there is none of that name.</summary>
    int? FindSpecial(string name);

    /// <summary>Whether an id stands for text, rather than for a mark or for nothing.</summary>
    bool IsText(int token);

    /// <summary>Appends the tokens of <paramref name="utf8"/> to <paramref name="tokens"/>.</summary>
    /// <remarks>Whether the text of a special token becomes that token is the tokenizer's business: those of models do it, as vLLM does, the built-in one never.</remarks>
    void Encode(ReadOnlySpan<byte> utf8, List<int> tokens);

    /// <summary>Writes the bytes of one token and returns how many; <paramref name="destination"/> holds at least <see cref="MaxTokenBytes"/>.</summary>
    int Decode(int token, Span<byte> destination);
}
