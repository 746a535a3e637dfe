using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc;

public sealed class PercentTextTests
{
    [Theory]
    [InlineData("plain text ~", "plain text ~")]
    [InlineData("50%", "50%25")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("größer", "gr%C3%B6%C3%9Fer")]
    [InlineData("\U0001F600", "%F0%9F%98%80")]
    [InlineData("", "")]
    public void Text_IsEncodedAndDecoded(string text, string encoded)
    {
        Assert.Equal(encoded, PercentText.Encode(text));
        Assert.Equal(text, PercentText.Decode(encoded));
    }

    [Theory]
    [InlineData("50%", "50%")]
    [InlineData("%zz %4", "%zz %4")]
    [InlineData("ö%C3%B6\U0001F600%41", "öö\U0001F600A")]
    public void Decode_LeavesWhatIsNotEncodedAsItIs(string text, string decoded)
    {
        Assert.Equal(decoded, PercentText.Decode(text));
    }
}
