namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>How byte-level vocabularies spell bytes: printable ones as themselves, the others, in ascending order, as the characters from U+0100 on.</summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] s_letters = Letters();
    private static readonly short[] s_bytes = Bytes();

    /// <summary>The letter that stands for a byte: Ġ for a blank, say.</summary>
    public static char LetterOf(byte value) => s_letters[value];

    /// <summary>The bytes that <paramref name="spelled"/> stands for, or null when it has other letters.</summary>
    public static byte[]? Read(string spelled)
    {
        var bytes = new byte[spelled.Length];
        for (var i = 0; i < spelled.Length; i++)
        {
            if (spelled[i] >= s_bytes.Length || s_bytes[spelled[i]] < 0)
            {
                return null;
            }

            bytes[i] = (byte)s_bytes[spelled[i]];
        }

        return bytes;
    }

    private static char[] Letters()
    {
        var letters = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++)
        {
            letters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        }

        return letters;
    }

    private static short[] Bytes()
    {
        var bytes = new short[256 + 68];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[s_letters[value]] = (short)value;
        }

        return bytes;
    }
}
