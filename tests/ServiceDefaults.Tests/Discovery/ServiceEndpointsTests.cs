using LlmdAspire.ServiceDefaults.Discovery;
using LlmdAspire.ServiceDefaults.Tests.Tiny;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Discovery;

public sealed class ServiceEndpointsTests
{
    private readonly ServiceEndpoints _endpoints = new(new Dictionary<string, string?>
    {
        ["services__kv-indexer__http__0"] = "http://127.0.0.1:8080",
        ["services__kv-indexer__https__0"] = "https://127.0.0.1:8443",
        ["services__epp__http__0"] = "http://127.0.0.1:9090",
        ["services__epp__grpc__0"] = "http://127.0.0.1:9002",
        ["services__Mixed__HTTP__0"] = "http://127.0.0.1:1",
        ["services__outside__default__0"] = "https://example.com/base/",
        ["services__broken__http__0"] = "not a url",
        ["services__short__http"] = "http://127.0.0.1:2",
        ["PATH"] = "/bin",
    });

    [Theory]
    [InlineData("http://kv-indexer/v1/score?x=1", "http://127.0.0.1:8080/v1/score?x=1")]
    [InlineData("https://kv-indexer/", "https://127.0.0.1:8443/")]
    [InlineData("https+http://kv-indexer/a", "https://127.0.0.1:8443/a")]
    [InlineData("https+http://epp/a", "http://127.0.0.1:9090/a")]
    [InlineData("http://_grpc.epp/a", "http://127.0.0.1:9002/a")]
    [InlineData("http://mixed/a", "http://127.0.0.1:1/a")]
    [InlineData("http://outside/a", "https://example.com/base/a")]
    [InlineData("http://unknown/a", "http://unknown/a")]
    [InlineData("http://_other.epp/a", "http://_other.epp/a")]
    [InlineData("https://epp/a", "https://epp/a")]
    [InlineData("http://kv-indexer:99/a", "http://kv-indexer:99/a")]
    [InlineData("http://broken/a", "http://broken/a")]
    [InlineData("http://short/a", "http://short/a")]
    public void Resolve_FindsTheAnnouncedAddressOrLeavesTheUrl(string url, string expected) =>
        Assert.Equal(expected, _endpoints.Resolve(new Uri(url)).ToString());

    [Fact]
    public void Resolve_SeveralAddresses_TakesTurns()
    {
        var endpoints = new ServiceEndpoints(new Dictionary<string, string?>
        {
            ["services__engine__http__1"] = "http://b",
            ["services__engine__http__0"] = "http://a",
        });

        Assert.Equal(["a", "b", "a"], Enumerable.Range(0, 3).Select(_ => endpoints.Resolve(new Uri("http://engine/")).Host));
    }

    [Fact]
    public async Task HttpClientsOfAService_CallOthersByName()
    {
        await using var engine = TinyProcess.Start();
        var url = await engine.WaitForUrlAsync();
        await using var front = ChildProgram.Start(
            typeof(TinyService).Assembly, [TinyFlags.ProgramName], new Dictionary<string, string> { ["services__engine__http__0"] = url.ToString() });
        using var client = new HttpClient { BaseAddress = await front.WaitForUrlAsync() };

        Assert.Equal("Hello you", await client.GetStringAsync("/call?url=http://engine/hello/you"));
    }
}
