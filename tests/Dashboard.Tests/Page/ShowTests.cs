using LlmdAspire.Dashboard.Page;

namespace LlmdAspire.Dashboard.Tests.Page;

public sealed class ShowTests
{
    [Theory]
    [InlineData(null, "–")]
    [InlineData(4.26, "4.3 ms")]
    [InlineData(313.4, "313 ms")]
    [InlineData(1234.0, "1.23 s")]
    [InlineData(90_000.0, "1.5 min")]
    public void Milliseconds_AreShort(double? ms, string expected) => Assert.Equal(expected, Show.Milliseconds(ms));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0")]
    [InlineData(0.26, "0.3")]
    [InlineData(471.4, "471")]
    [InlineData(123_456.0, "123.5 k")]
    public void Rates_AreShort(double? rate, string expected) => Assert.Equal(expected, Show.Rate(rate));

    [Theory]
    [InlineData("http://10.0.0.5:8000@3", "10.0.0.5:8000@3")]
    [InlineData("http://10.0.0.5:8000/", "10.0.0.5:8000")]
    [InlineData("decode-0", "decode-0")]
    [InlineData(null, "–")]
    public void Endpoints_LoseTheirScheme(string? endpoint, string expected) => Assert.Equal(expected, Show.Endpoint(endpoint));
}
