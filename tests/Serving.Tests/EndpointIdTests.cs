using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Serving.Tests;

public sealed class EndpointIdTests
{
    [Theory]
    [InlineData("http://10.0.0.5:8000@3", "http://10.0.0.5:8000@3", "http://10.0.0.5:8000", 3)]
    [InlineData("http://10.0.0.5:8000", "http://10.0.0.5:8000", "http://10.0.0.5:8000", null)]
    [InlineData("http://10.0.0.5:8000/", "http://10.0.0.5:8000", "http://10.0.0.5:8000", null)]
    [InlineData("10.0.0.5:8000@0", "http://10.0.0.5:8000@0", "http://10.0.0.5:8000", 0)]
    [InlineData("HTTPS://Engine.Example:443", "https://engine.example:443", "https://engine.example:443", null)]
    [InlineData("http://engine", "http://engine:80", "http://engine:80", null)]
    [InlineData("http://[::1]:8000@12", "http://[::1]:8000@12", "http://[::1]:8000", 12)]
    [InlineData("http://[2001:DB8::0:1]:8000", "http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000", null)]
    public void Parse_KeepsTheRankInTheIdentityAndOutOfTheAddress(string text, string written, string baseUrl, int? rank)
    {
        Assert.True(EndpointId.TryParse(text, out var id, out var mistake), mistake);

        Assert.Equal((written, baseUrl, rank), (id.ToString(), id.BaseUrl, id.Rank));
        Assert.True(EndpointId.TryParse(written, out var again, out _));
        Assert.Equal(id, again);
        Assert.DoesNotContain('@', new Uri(id.BaseUrl).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("http://")]
    [InlineData("http://a:8000@")]
    [InlineData("http://a:8000@x")]
    [InlineData("http://a:8000@-1")]
    [InlineData("http://a:8000@99999999999")]
    [InlineData("http://user@a:8000")]
    [InlineData("http://a:8000/v1")]
    [InlineData("http://a:8000?x=1")]
    [InlineData("http://a:0")]
    [InlineData("http://a:70000")]
    [InlineData("ftp://a:21")]
    [InlineData("grpc://a:8000")]
    public void Parse_RefusesWhatIsNoEndpointAndSaysWhy(string text)
    {
        Assert.False(EndpointId.TryParse(text, out _, out var mistake));
        Assert.False(string.IsNullOrWhiteSpace(mistake));
    }

    [Fact]
    public void Ranks_AreDifferentEndpointsOfOneEngine()
    {
        _ = EndpointId.TryParse("http://a:8000", out var engine, out _);

        Assert.NotEqual(engine.WithRank(0), engine.WithRank(1));
        Assert.NotEqual(engine, engine.WithRank(0));
        Assert.Equal(engine, engine.WithRank(5).WithoutRank());
    }
}
