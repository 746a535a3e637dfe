using System.Text;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.EngineModel.Tests;

public sealed class BuiltinTokenizerTests
{
    private static readonly BuiltinTokenizer s_tokenizer = BuiltinTokenizer.Instance;

    [Theory]
    [InlineData("")]
    [InlineData("The quick brown fox jumps over the lazy dog.")]
    [InlineData("public static int Main(string[] args) => 42;\r\n\t\tif (x != y) { return; }\n\n\n    // done")]
    [InlineData("Grüße, 世界! こんにちは — Привет 안녕 🙂👩‍👩‍👧")]
    [InlineData("<|begin_of_text|><|eot_id|> 0123456789 \u0000\u0001\u007f \ufffd")]
    public void Decode_OfEncodedText_IsTheText(string text)
    {
        Assert.Equal(text, s_tokenizer.Decode([.. Tokens(text)]));
    }

    [Fact]
    public void Decode_OfEncodedRandomText_IsTheText()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random, random.Next(60));

            Assert.Equal(text, s_tokenizer.Decode([.. Tokens(text)]));
        }
    }

    [Fact]
    public void Decode_OfEncodedRandomBytes_IsTheBytes()
    {
        var random = new Random(2);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var tokens = new List<int>();
            s_tokenizer.Encode(bytes, tokens);

            Assert.Equal(bytes, Bytes(tokens));
        }
    }

    [Fact]
    public void Encode_OfABeginning_GivesTheSameTokensExceptForTheLast()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var text = RandomText(random, 40);
            var all = Tokens(text);
            var cut = random.Next(text.Length);
            var beginning = Tokens(char.IsHighSurrogate(text[cut]) ? text[..cut] + "x" : text[..(cut + 1)]);
            var sure = beginning.Count - 1;

            Assert.Equal(all.Take(sure), beginning.Take(sure));
        }
    }

    [Fact]
    public void Decode_EveryId_GivesTextThatFits()
    {
        var text = new byte[s_tokenizer.MaxTokenBytes];
        for (var token = 0; token < s_tokenizer.VocabularySize; token++)
        {
            Assert.InRange(s_tokenizer.Decode(token, text), 1, text.Length);
        }
    }

    [Fact]
    public void Encode_OrdinaryEnglish_TakesAboutFourBytesAToken()
    {
        const string Text = "When the request arrives, the server decides which engine should answer it, and the answer streams back to the client. "
            + "People usually count about four letters for every token, and so do we, as long as the text is ordinary.";

        Assert.InRange(Text.Length / (double)Tokens(Text).Count, 3.0, 5.0);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(128256)]
    public void Decode_IdOutsideTheVocabulary_IsRefused(int token)
    {
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => s_tokenizer.Decode([token]));
    }

    [Fact]
    public void Render_ConversationThatGrows_KeepsItsTokens()
    {
        ChatMessage[] first = [new("system", "Be brief."), new("user", "Hello")];
        ChatMessage[] second = [.. first, new("assistant", "Hi."), new("user", "More")];
        List<int> before = [], after = [];

        ChatTemplate.Render(s_tokenizer, first, null, addGenerationPrompt: true, before);
        ChatTemplate.Render(s_tokenizer, second, null, addGenerationPrompt: true, after);

        Assert.Equal(before, after.Take(before.Count));
        Assert.StartsWith("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>", s_tokenizer.Decode([.. before]), StringComparison.Ordinal);
    }

    private static List<int> Tokens(string text)
    {
        var tokens = new List<int>();
        s_tokenizer.Encode(text, tokens);
        return tokens;
    }

    private static byte[] Bytes(List<int> tokens)
    {
        var bytes = new List<byte>();
        Span<byte> piece = stackalloc byte[s_tokenizer.MaxTokenBytes];
        foreach (var token in tokens)
        {
            bytes.AddRange(piece[..s_tokenizer.Decode(token, piece)]);
        }

        return [.. bytes];
    }

    private static string RandomText(Random random, int length)
    {
        // Mostly what blocks of the vocabulary are made of, so that their borders meet.
        const string Likely = "abetzq  ABTq019.,(\n\t\r";
        var text = new StringBuilder();
        while (text.Length < length)
        {
            _ = random.Next(8) == 0
                ? text.Append(RandomRune(random).ToString())
                : text.Append(Likely[random.Next(Likely.Length)]);
        }

        return text.ToString();
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            if (Rune.TryCreate(random.Next(0x110000), out var rune))
            {
                return rune;
            }
        }
    }
}
