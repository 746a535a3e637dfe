using System.Buffers;
using System.Text;

namespace LlmdAspire.Serving.Tokens;

/// <summary>A tokenizer that needs no model file: deterministic, reversible for any bytes, three to four bytes of English a token.</summary>
/// <remarks>
/// The id of a string is computed from its letters instead of being looked up: blocks of ids stand for all words of up to three letters,
/// for four letters out of the most frequent ones, for digits in threes, pairs of punctuation and single characters of many scripts;
/// what is in no block falls back to one token a byte. Text is cut greedily from the left and no string starts in one block and
/// continues in a longer one without every length between being there too. So the tokens of a beginning of a text are a beginning of
/// the tokens of the text, except for the last one.
/// Ids 128000 to 128255 are special tokens, as in the Llama 3 vocabulary; text never encodes to them.
/// </remarks>
public sealed class BuiltinTokenizer : ITokenizer
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private const byte Space = (byte)' ';

    // The order in which the blocks are tried: longer strings first among those that can begin at the same byte.
    private readonly LetterGroup[] _afterSpace;
    private readonly LetterGroup[] _lower;
    private readonly LetterGroup[] _upper;
    private readonly LetterGroup[] _digits;
    private readonly LetterGroup[] _punctuation;
    private readonly LetterGroup[] _layout;
    private readonly CharacterRange[] _characters;
    private readonly byte[][] _runs;
    private readonly int _firstRun;

    private BuiltinTokenizer()
    {
        var layout = new List<LetterGroup>();
        var next = 256;

        LetterGroup Block(params string[] alphabets)
        {
            var block = new LetterGroup(next, alphabets);
            layout.Add(block);
            next = block.End;
            return block;
        }

        // Alphabets of the four-letter blocks hold the most frequent English letters of each position, at the start of a word and inside it.
        _afterSpace =
        [
            Block(" ", "tcswpfrembdai", "ehaoirluntxyc", "artiesloncpgm", "etslnrhcoiuma"),
            Block(" ", Lower, Lower, Lower),
            Block(" ", Lower, Lower),
            Block(" ", Lower),
            Block(" ", Upper, "ehaoirluntc", "ratiesloncm"),
            Block(" ", Upper, Lower),
            Block(" ", Upper),
            Block(" ", Punctuation),
        ];
        _lower = [Block("areitocnmulh", "itenacrsbuld", "tneialoscumr", "etidnslrcyog"), Block(Lower, Lower, Lower), Block(Lower, Lower)];
        _upper = [Block(Upper, "ehaoirluntc", "ratiesloncm"), Block(Upper, Lower), Block(Upper, Upper)];
        _digits = [Block(Digits, Digits, Digits), Block(Digits, Digits)];
        _punctuation = [Block(Punctuation, Punctuation)];
        _layout = [.. layout];

        var ranges = new List<CharacterRange>();
        // Latin supplements, Greek, Cyrillic, Hebrew, Arabic; general punctuation; kana; Han; full-width forms.
        foreach (var (from, to) in new[] { (0x80, 0x7FF), (0x2000, 0x206F), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF) })
        {
            ranges.Add(new CharacterRange(next, from, to));
            next = ranges[^1].End;
        }

        _characters = [.. ranges];
        _firstRun = next;
        _runs = [.. WhitespaceRuns()];
        next += _runs.Length;
        if (next > SpecialTokens.First)
        {
            throw new InvalidOperationException($"The blocks need {next} ids and reach into the special tokens from {SpecialTokens.First}.");
        }
    }

    /// <summary>The one instance; it has no state.</summary>
    public static BuiltinTokenizer Instance { get; } = new();

    public int VocabularySize => SpecialTokens.End;

    public int MaxTokenBytes => 32;

    /// <summary>None: a text prompt is its text, so that a continued one keeps the tokens it had.</summary>
    public ReadOnlySpan<int> Before => [];

    public ReadOnlySpan<int> After => [];

    public int? FindSpecial(string name) => SpecialTokens.Find(name);

    public bool IsText(int token) => token is >= 0 and < SpecialTokens.First;

    public void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        tokens.EnsureCapacity(tokens.Count + utf8.Length / 4 + 4);
        while (!utf8.IsEmpty)
        {
            tokens.Add(EncodeOne(utf8, out var consumed));
            utf8 = utf8[consumed..];
        }
    }

    public int Decode(int token, Span<byte> destination)
    {
        if (token is < 0 or >= SpecialTokens.End)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Token ids run from 0 to {SpecialTokens.End - 1}.");
        }

        if (token < 256)
        {
            destination[0] = (byte)token;
            return 1;
        }

        foreach (var block in _layout)
        {
            if (token < block.End)
            {
                return block.Write(token, destination);
            }
        }

        foreach (var range in _characters)
        {
            if (token < range.End)
            {
                return range.Write(token, destination);
            }
        }

        if (token < _firstRun + _runs.Length)
        {
            _runs[token - _firstRun].CopyTo(destination);
            return _runs[token - _firstRun].Length;
        }

        // Ids that no text encodes to still need a text of their own, for prompts given as ids.
        var name = token < SpecialTokens.First ? $"<|unused_{token}|>" : SpecialTokens.Name(token);
        return Encoding.ASCII.GetBytes(name, destination);
    }

    private int EncodeOne(ReadOnlySpan<byte> text, out int consumed)
    {
        var first = text[0];
        var blocks = first switch
        {
            Space => _afterSpace,
            >= (byte)'a' and <= (byte)'z' => _lower,
            >= (byte)'A' and <= (byte)'Z' => _upper,
            >= (byte)'0' and <= (byte)'9' => _digits,
            > Space and < 0x7F => _punctuation,
            _ => [],
        };
        foreach (var block in blocks)
        {
            if (block.Find(text) is >= 0 and var token)
            {
                consumed = block.Length;
                return token;
            }
        }

        return first >= 0x80 ? EncodeCharacter(text, out consumed) : EncodeRun(text, out consumed);
    }

    private int EncodeCharacter(ReadOnlySpan<byte> text, out int consumed)
    {
        if (Rune.DecodeFromUtf8(text, out var character, out consumed) == OperationStatus.Done)
        {
            foreach (var range in _characters)
            {
                if (range.Find(character) is >= 0 and var token)
                {
                    return token;
                }
            }
        }

        consumed = 1;
        return text[0];
    }

    private int EncodeRun(ReadOnlySpan<byte> text, out int consumed)
    {
        // Runs of one kind stand together, longest first, so the first match is the longest.
        for (var i = 0; i < _runs.Length && text.Length > 1; i++)
        {
            if (text[0] == _runs[i][0] && text.StartsWith(_runs[i]))
            {
                consumed = _runs[i].Length;
                return _firstRun + i;
            }
        }

        consumed = 1;
        return text[0];
    }

    private static IEnumerable<byte[]> WhitespaceRuns()
    {
        foreach (var (character, longest) in new[] { (' ', 16), ('\n', 4), ('\t', 8) })
        {
            for (var length = longest; length >= 2; length--)
            {
                yield return [.. Enumerable.Repeat((byte)character, length)];
            }
        }

        yield return "\r\n"u8.ToArray();
    }
}
