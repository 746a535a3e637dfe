using LlmdAspire.Router.Sidecar;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Tests.Sidecar;

public sealed class PrefillerAllowListTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3:8000", true)]
    [InlineData("10.1.2.3", "10.1.2.4:8000", false)]
    [InlineData("10.1.2.3:8000", "10.1.2.3:8001", false)]
    [InlineData("10.0.0.0/8", "10.9.9.9:1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1:1", false)]
    [InlineData("10.0.0.0/8:8000", "10.9.9.9:8000", true)]
    [InlineData("10.0.0.0/8", "[::ffff:10.1.1.1]:1", true)]
    [InlineData("fd00::/8", "[fd00::1]:8000", true)]
    [InlineData("[fd00::1]:8000", "[fd00::1]:8000", true)]
    [InlineData("[fd00::1]:8000", "[fd00::1]:8001", false)]
    [InlineData("Prefill.svc", "prefill.SVC:8000", true)]
    [InlineData("prefill.svc:8000", "prefill.svc:22", false)]
    [InlineData("prefill.svc", "evil-prefill.svc:8000", false)]
    // Names are not resolved: who answers for one may change between the look and the request.
    [InlineData("127.0.0.1", "localhost:8000", false)]
    public void Host_IsAllowedAsListed(string entry, string named, bool allowed)
    {
        Assert.Null(PrefillerAllowList.FindMistake(entry));
        Assert.True(EndpointId.TryParse(named, out var id, out _));

        Assert.Equal(allowed, PrefillerAllowList.Of([entry]).Allows(id));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.1:0")]
    [InlineData("http://a:1")]
    [InlineData("a b")]
    public void WrongEntry_IsAMistake(string entry) => Assert.NotNull(PrefillerAllowList.FindMistake(entry));
}
