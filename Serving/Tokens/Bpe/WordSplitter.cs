using System.Globalization;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Cuts text as the patterns of GPT-2, Llama 3 and Qwen 2 do, without a regular expression, and into the same pieces.</summary>
internal sealed class WordSplitter : ISplitter
{
    /// <summary>The pattern that byte-level pre-tokenisation has where a file gives none.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Kind[] s_kinds = Kinds();

    private readonly bool _isGpt2;
    private readonly int _maxDigits;

    private WordSplitter(bool isGpt2, int maxDigits) => (_isGpt2, _maxDigits) = (isGpt2, maxDigits);

    private enum Kind : byte
    {
        Other,
        Letter,
        Digit,
        Blank,
    }

    /// <summary>The splitter for a pattern, or null when it is another pattern.</summary>
    public static WordSplitter? For(string pattern) => pattern switch
    {
        Gpt2Pattern => new WordSplitter(isGpt2: true, int.MaxValue),
        Llama3Pattern => new WordSplitter(isGpt2: false, 3),
        Qwen2Pattern => new WordSplitter(isGpt2: false, 1),
        _ => null,
    };

    // The alternatives in the order of the patterns; the first that matches wins.
    public int Next(ReadOnlySpan<char> text)
    {
        var first = s_kinds[text[0]];
        if (text[0] == '\'' && Contraction(text) is > 0 and var contraction)
        {
            return contraction;
        }

        if (first == Kind.Letter)
        {
            return Run(text, 1, Kind.Letter);
        }

        // One character that is neither letter nor digit goes with the letters behind it; GPT-2 takes blanks only.
        if (text.Length > 1 && s_kinds[text[1]] == Kind.Letter && (_isGpt2 ? text[0] == ' ' : first != Kind.Digit && text[0] is not ('\r' or '\n')))
        {
            return Run(text, 2, Kind.Letter);
        }

        if (first == Kind.Digit)
        {
            return Run(text[..Math.Min(text.Length, _maxDigits)], 1, Kind.Digit);
        }

        if (_isGpt2 && text.Length > 1 && text[0] == ' ' && s_kinds[text[1]] == Kind.Digit)
        {
            return Run(text, 2, Kind.Digit);
        }

        if (first == Kind.Other || (text.Length > 1 && text[0] == ' ' && s_kinds[text[1]] == Kind.Other))
        {
            var end = Run(text, 1, Kind.Other);
            while (!_isGpt2 && end < text.Length && text[end] is '\r' or '\n')
            {
                end++;
            }

            return end;
        }

        return Blanks(text);
    }

    private int Blanks(ReadOnlySpan<char> text)
    {
        var end = Run(text, 1, Kind.Blank);
        if (!_isGpt2 && text[..end].LastIndexOfAny('\r', '\n') is >= 0 and var newline)
        {
            return newline + 1;
        }

        // The last blank goes with the word behind it.
        return end < text.Length && end > 1 ? end - 1 : end;
    }

    private int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        var (second, third) = (Small(text[1]), text.Length > 2 ? Small(text[2]) : '\0');
        return second switch
        {
            's' or 't' or 'm' or 'd' => 2,
            'r' or 'v' when third == 'e' => 3,
            'l' when third == 'l' => 3,
            _ => 0,
        };
    }

    private char Small(char letter) => !_isGpt2 && letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter;

    private static int Run(ReadOnlySpan<char> text, int from, Kind kind)
    {
        while (from < text.Length && s_kinds[text[from]] == kind)
        {
            from++;
        }

        return from;
    }

    private static Kind[] Kinds()
    {
        var kinds = new Kind[char.MaxValue + 1];
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory((char)code);
            kinds[code] = category switch
            {
                <= UnicodeCategory.OtherLetter => Kind.Letter,
                UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Digit,
                _ when char.IsWhiteSpace((char)code) => Kind.Blank,
                _ => Kind.Other,
            };
        }

        return kinds;
    }
}
