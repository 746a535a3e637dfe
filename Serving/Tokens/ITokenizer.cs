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

    /// <summary>Appends the tokens of <paramref name="utf8"/> to <paramref name="tokens"/>; special tokens are never produced from text.</summary>
    void Encode(ReadOnlySpan<byte> utf8, List<int> tokens);

    /// <summary>Writes the bytes of one token and returns how many; <paramref name="destination"/> holds at least <see cref="MaxTokenBytes"/>.</summary>
    int Decode(int token, Span<byte> destination);
}
