namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Places where a text can be cut such that both parts become the same tokens apart as together.</summary>
/// <remarks>
/// The tokenizers of the model families served today split before a space that a letter follows and never merge across it. That is true of most, not of all,
/// so <see cref="TextTokens"/> checks it once per model before it relies on it.
/// </remarks>
internal static class SafeCuts
{
    /// <summary>One cut about every so many bytes: a growing prompt has at most this much tokenised twice.</summary>
    public const int Spacing = 1024;

    /// <summary>The cuts of a text, ascending: in each stretch of <see cref="Spacing"/> bytes the last one possible.</summary>
    /// <remarks>They depend on the text before them only, so a text that grows keeps the cuts it had.</remarks>
    public static List<int> Find(ReadOnlySpan<byte> text)
    {
        var cuts = new List<int>();
        for (var end = Spacing; end < text.Length; end += Spacing)
        {
            for (var at = end - 1; at > end - Spacing; at--)
            {
                if (text[at] == (byte)' ' && IsLetter(text[at + 1]) && EndsWord(text[at - 1]))
                {
                    cuts.Add(at);
                    break;
                }
            }
        }

        return cuts;
    }

    private static bool IsLetter(byte one) => (byte)((one | 0x20) - 'a') < 26;

    private static bool EndsWord(byte one) => IsLetter(one) || one is (byte)'.' or (byte)',' or (byte)';' or (byte)':' or (byte)'?' or (byte)'!';
}
