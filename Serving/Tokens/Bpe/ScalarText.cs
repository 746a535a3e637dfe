using System.Buffers;
using System.Globalization;
using System.Text;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>A UTF-8 text as patterns see it: one UTF-16 unit for each character, with the way back to the bytes. Owns rented memory until it is disposed.</summary>
/// <remarks>
/// Patterns of tokenizers count characters and ask for their categories; .NET's regular expressions see surrogates, which have a category of their own. So a
/// character beyond U+FFFF is shown as another one of its category. Bytes that are no UTF-8 count as one symbol each.
/// </remarks>
internal ref struct ScalarText
{
    private static readonly char[] s_standIns = StandIns();

    private readonly char[] _characters;
    private readonly int[] _offsets;

    public ScalarText(ReadOnlySpan<byte> utf8)
    {
        _characters = ArrayPool<char>.Shared.Rent(utf8.Length + 1);
        _offsets = ArrayPool<int>.Shared.Rent(utf8.Length + 1);
        var count = 0;
        for (var at = 0; at < utf8.Length;)
        {
            _offsets[count] = at;
            if (utf8[at] < 0x80)
            {
                _characters[count++] = (char)utf8[at++];
            }
            else
            {
                var whole = Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length) == OperationStatus.Done;
                _characters[count++] = !whole ? '\uFFFD' : rune.IsBmp ? (char)rune.Value : s_standIns[(int)Rune.GetUnicodeCategory(rune)];
                at += whole ? length : 1;
            }
        }

        _offsets[count] = utf8.Length;
        Characters = _characters.AsSpan(0, count);
    }

    public ReadOnlySpan<char> Characters { get; }

    /// <summary>The byte at which a character begins; of the count of characters, the length of the text.</summary>
    public readonly int OffsetOf(int character) => _offsets[character];

    public readonly void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        ArrayPool<int>.Shared.Return(_offsets);
    }

    // The last character of each category up to U+FFFF, since the first ones are those that patterns name.
    private static char[] StandIns()
    {
        var standIns = new char[30];
        Array.Fill(standIns, '\uFFFD');
        for (var code = 0x80; code <= 0xFFFF; code++)
        {
            standIns[(int)CharUnicodeInfo.GetUnicodeCategory((char)code)] = (char)code;
        }

        return standIns;
    }
}
