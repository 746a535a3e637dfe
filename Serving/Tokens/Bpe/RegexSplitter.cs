using System.Text.RegularExpressions;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Cuts text by a pattern as tokenizer files give it: each match is a piece, and so is what lies between two matches.</summary>
internal sealed class RegexSplitter : ISplitter
{
    private readonly Regex _pattern;

    /// <exception cref="ArgumentException">The pattern uses what .NET's regular expressions do not know.</exception>
    public RegexSplitter(string pattern) => _pattern = new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant);

    public int Next(ReadOnlySpan<char> text)
    {
        foreach (var match in _pattern.EnumerateMatches(text))
        {
            if (match.Length > 0)
            {
                return match.Index > 0 ? match.Index : match.Length;
            }
        }

        return text.Length;
    }
}
