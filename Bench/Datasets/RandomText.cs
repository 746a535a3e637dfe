using System.Buffers;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Datasets;

/// <summary>Random text that has exactly as many tokens as wanted.</summary>
/// <remarks>
/// It is made of tokens that are a blank and letters. Tokenizers cut before a blank, so these stay what they are wherever they stand, in a
/// text as well as behind another one; what a tokenizer makes of the whole text is checked all the same.
/// </remarks>
internal sealed class RandomText
{
    private const int Tries = 10;
    private const int FewestWords = 64;

    private readonly ITokenizer _tokenizer;
    private readonly Random _random;
    private readonly byte[][] _words;
    private readonly List<int> _tokens = [];
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <exception cref="ArgumentException">The tokenizer has too few such tokens.</exception>
    public RandomText(ITokenizer tokenizer, Random random)
    {
        _tokenizer = tokenizer;
        _random = random;
        _words = Words(tokenizer);
        if (_words.Length < FewestWords)
        {
            throw new ArgumentException($"The tokenizer has {_words.Length} tokens that are a blank and letters; random text needs {FewestWords}.", nameof(tokenizer));
        }
    }

    private RandomText(RandomText other, Random random) => (_tokenizer, _random, _words) = (other._tokenizer, random, other._words);

    /// <summary>Other text of the same words, for use beside this one.</summary>
    public RandomText With(Random random) => new(this, random);

    /// <summary>A text of <paramref name="tokens"/> tokens.</summary>
    public MeasuredText OfLength(int tokens) => After(MeasuredText.Empty, tokens);

    /// <summary>A text that begins with <paramref name="beginning"/> and has <paramref name="tokens"/> more tokens.</summary>
    public MeasuredText After(MeasuredText beginning, int tokens)
    {
        var wanted = beginning.Tokens + tokens;
        _text.ResetWrittenCount();
        _text.Write(beginning.Utf8);
        AppendWords(tokens);
        var count = Count();
        for (var tries = 1; count != wanted && tries < Tries; tries++)
        {
            if (count < wanted)
            {
                AppendWords(wanted - count);
            }
            else
            {
                KeepTokens(wanted);
            }

            count = Count();
        }

        return new MeasuredText(_text.WrittenSpan.ToArray(), count);
    }

    private int Count()
    {
        _tokens.Clear();
        _tokenizer.Encode(_text.WrittenSpan, _tokens);
        return _tokens.Count;
    }

    private void AppendWords(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _text.Write(_words[_random.Next(_words.Length)]);
        }
    }

    private void KeepTokens(int count)
    {
        _text.ResetWrittenCount();
        for (var i = 0; i < count; i++)
        {
            _text.Advance(_tokenizer.Decode(_tokens[i], _text.GetSpan(_tokenizer.MaxTokenBytes)));
        }
    }

    private static byte[][] Words(ITokenizer tokenizer)
    {
        var words = new List<byte[]>();
        var tokens = new List<int>();
        var text = new byte[tokenizer.MaxTokenBytes];
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            var word = text.AsSpan(0, tokenizer.Decode(token, text));
            if (word.Length < 2 || word[0] != (byte)' ' || !AreLetters(word[1..]))
            {
                continue;
            }

            tokens.Clear();
            tokenizer.Encode(word, tokens);
            if (tokens is [var same] && same == token)
            {
                words.Add(word.ToArray());
            }
        }

        return [.. words];
    }

    private static bool AreLetters(ReadOnlySpan<byte> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                return false;
            }
        }

        return true;
    }
}
