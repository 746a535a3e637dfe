using System.Text;
using LlmdAspire.Serving.Tokens.Bpe;

namespace LlmdAspire.Serving.Tests.Tokens;

/// <summary>Cases of Unicode's normalisation that go wrong easily; <see cref="Llama3OracleTests"/> has many more with node's own as the oracle.</summary>
public sealed class CanonicalCompositionTests
{
    [Theory]
    [InlineData("plain ASCII and é, ü, ñ", "plain ASCII and é, ü, ñ", "composed already")]
    [InlineData("e\u0301", "\u00e9", "a base and its mark")]
    [InlineData("\u212b", "\u00c5", "a singleton")]
    [InlineData("\u0344", "\u0308\u0301", "excluded from composition")]
    [InlineData("\u0958", "\u0915\u093c", "excluded by script")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307", "marks in the order of their classes")]
    [InlineData("d\u0307\u0323", "\u1e0d\u0307", "the lower mark composes first")]
    [InlineData("a\u0301\u0301", "\u00e1\u0301", "a second mark of the class stays")]
    [InlineData("a\u05b0\u0301", "\u00e1\u05b0", "a mark of a lower class between them does not block")]
    [InlineData("a\u0302\u0301", "\u1ea5", "two marks, one after the other")]
    [InlineData("\u1100\u1161\u11a8", "\uac01", "Hangul of three")]
    [InlineData("\u1100\u1161", "\uac00", "Hangul of two")]
    [InlineData("\uac00\u11a8", "\uac01", "Hangul and a tail")]
    [InlineData("\u0301a", "\u0301a", "a mark without a base")]
    public void Text_IsComposed(string text, string expected, string why)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);

        var actual = CanonicalComposition.TryNormalize(utf8, out var composed) ? Encoding.UTF8.GetString(composed) : text;

        Assert.True(expected == actual, why);
    }

    [Fact]
    public void BytesThatAreNoUtf8_StayAsTheyAre() => Assert.False(CanonicalComposition.TryNormalize([0x65, 0xCC, 0x81, 0xFF], out _));
}
