using System.Text;

namespace LlmdAspire.Serving.Tokens;

/// <summary>A block of token ids, one for each Unicode character of a range outside ASCII.</summary>
internal sealed class CharacterRange(int first, int from, int to)
{
    public int First => first;

    public int End => first + (to - from) + 1;

    /// <summary>The id of <paramref name="character"/>, or -1 when it lies outside the range.</summary>
    public int Find(Rune character) => character.Value >= from && character.Value <= to ? first + character.Value - from : -1;

    public int Write(int token, Span<byte> destination) => new Rune(from + token - first).EncodeToUtf8(destination);
}
