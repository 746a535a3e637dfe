using System.Text;
using LlmdAspire.Serving.Tokens.Bpe;

namespace LlmdAspire.Serving.Tests.Tokens;

/// <summary>The splitters written by hand, against the regular expressions that they stand for.</summary>
public sealed class SplitterTests
{
    private static readonly string[] s_bits =
        ["a", "B", "é", "東", "𝐀", "𠀀", "1", "23", "½", "٣", "𝟏", " ", "  ", "\t", "\n", "\r", "\r\n", "\u00a0", "\u3000", "\u0085", "'", "'s", "'LL", "'re", "'Ve", "'d", "ſ", ".", ",", "!?", "—", "😀", "_", "\u0301", "\0", "\ufeff"];

    [Theory]
    [InlineData(WordSplitter.Gpt2Pattern)]
    [InlineData(WordSplitter.Llama3Pattern)]
    [InlineData(WordSplitter.Qwen2Pattern)]
    public void KnownPattern_IsCutAsTheRegularExpressionCutsIt(string pattern)
    {
        var (byHand, byPattern) = (WordSplitter.For(pattern)!, new RegexSplitter(pattern));
        for (var seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => s_bits[random.Next(s_bits.Length)]));

            Assert.Equal(Cut(byPattern, text), Cut(byHand, text));
        }
    }

    [Theory]
    [InlineData("I'll pay 12345 now", "I|'ll| pay| |123|45| now")]
    [InlineData("a  b\n\n c  ", "a| | b|\n\n| c|  ")]
    [InlineData("𝐀𠀀 x", "𝐀𠀀| x")]
    [InlineData("end...\n(next)", "end|...\n|(next|)")]
    public void Llama3_Cuts(string text, string pieces) => Assert.Equal(pieces, string.Join('|', Cut(WordSplitter.For(WordSplitter.Llama3Pattern)!, text)));

    [Fact]
    public void OtherPattern_IsARegularExpression_AndWhatItLeavesIsAPieceToo()
    {
        Assert.Null(WordSplitter.For(@"\d+"));
        Assert.Equal(["ab", "12", "c"], Cut(new RegexSplitter(@"\d+"), "ab12c"));
    }

    [Fact]
    public void BytesThatAreNoUtf8_CountAsOneEach()
    {
        using var text = new ScalarText([0x61, 0xFF, 0xE6, 0x9D, 0x62]);

        Assert.Equal(5, text.Characters.Length);
        Assert.Equal([0, 1, 2, 3, 4, 5], Enumerable.Range(0, 6).Select(Offsets(text)));
    }

    private static Func<int, int> Offsets(ScalarText text)
    {
        var offsets = new int[text.Characters.Length + 1];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = text.OffsetOf(i);
        }

        return i => offsets[i];
    }

    private static List<string> Cut(ISplitter splitter, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        using var scalars = new ScalarText(utf8);
        var pieces = new List<string>();
        for (var at = 0; at < scalars.Characters.Length;)
        {
            var length = splitter.Next(scalars.Characters[at..]);
            pieces.Add(Encoding.UTF8.GetString(utf8[scalars.OffsetOf(at)..scalars.OffsetOf(at + length)]));
            at += length;
        }

        return pieces;
    }
}
