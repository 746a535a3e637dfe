using LlmdAspire.Router.Sidecar;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests.Sidecar;

public sealed class RouteReaderTests
{
    [Theory]
    [InlineData(8000, null, "", "")]
    [InlineData(8000, null, "X-data-parallel-rank: many", "")]
    [InlineData(8000, 3, "X-data-parallel-rank: 3", "")]
    [InlineData(8005, 5, "", "")]
    [InlineData(8005, 3, "X-data-parallel-rank: 3", "")]
    [InlineData(8000, 2, "x-data-parallel-host-port: 10.0.0.1:8002", "")]
    [InlineData(8000, null, "x-prefiller-host-port: 10.0.0.1:8000", "http://10.0.0.1:8000")]
    [InlineData(8000, null, "x-prefiller-host-port: [fd00::1]:8000", "http://[fd00::1]:8000")]
    // Pickers do not take this one away, so it may be a client's.
    [InlineData(8000, null, "x-llm-d-prefiller-host-port: a:1", "")]
    [InlineData(8000, null, "x-prefiller-host-port: http://10.0.0.1:8000, 10.0.0.2:8000", "http://10.0.0.1:8000 http://10.0.0.2:8000")]
    [InlineData(8000, 1, "x-prefiller-host-port: a:1|x-prefiller-data-parallel-rank: 2|X-data-parallel-rank: 1", "http://a:1@2")]
    // One rank that is not named would be whichever the engine likes.
    [InlineData(8000, 2, "x-prefiller-host-port: a:1|x-prefiller-data-parallel-rank: 2", "http://a:1@2")]
    [InlineData(8000, null, "x-prefiller-host-port: a:1|x-prefiller-data-parallel-rank: 9", "http://a:1@9")]
    [InlineData(8000, null, "x-prefiller-host-port: ", "")]
    public void Route_IsWhatHeadersAndPortSay(int port, int? rank, string headers, string prefillers)
    {
        var (route, refused) = Reader(ranks: 8).Read(Request(port, headers));

        Assert.Null(refused);
        Assert.Equal((rank, prefillers), (route!.Rank, string.Join(' ', route.Prefillers)));
    }

    [Theory]
    [InlineData("x-prefiller-host-port: a b", 400)]
    [InlineData("x-prefiller-host-port: user@a:80", 400)]
    [InlineData("x-data-parallel-host-port: 10.0.0.1:9000", 400)]
    [InlineData("x-prefiller-host-port: 10.0.0.1:8000, 169.254.169.254:80", 403)]
    public void WrongRoute_IsRefused(string headers, int status)
    {
        var (route, refused) = Reader(ranks: 8, allowed: "10.0.0.0/8").Read(Request(8000, headers));

        Assert.Null(route);
        Assert.Equal(status, refused!.Status);
    }

    [Fact]
    public void RankWithoutAPort_IsRefusedWhereRanksHavePorts() =>
        Assert.Equal(400, Reader(ranks: 2, portPerRank: true).Read(Request(8000, "X-data-parallel-rank: 2")).Refused!.Status);

    [Fact]
    public void Sampling_BeginsWithAnyPrefiller()
    {
        var reader = Reader(random: new Random(1));
        var first = Enumerable.Range(0, 50).Select(_ => reader.Read(Request(8000, "x-prefiller-host-port: a:1,b:1,c:1")).Route!.Prefillers[0].Host).Distinct();

        Assert.Equal(["a", "b", "c"], first.Order());
    }

    [Theory]
    [InlineData(false, null, "http://127.0.0.1:8200", "http://127.0.0.1:8200")]
    [InlineData(false, 3, "http://127.0.0.1:8200", "http://127.0.0.1:8200@3")]
    [InlineData(true, null, "http://127.0.0.1:8200", "http://127.0.0.1:8200")]
    [InlineData(true, 3, "http://127.0.0.1:8203", "http://127.0.0.1:8203")]
    public void Engine_HasARankBehindItsPortOrItsNumber(bool portPerRank, int? rank, string destination, string endpoint)
    {
        var engine = new LocalEngine("http", 8200, 8, portPerRank);

        Assert.Equal((destination, endpoint), (engine.DestinationOf(rank), engine.Of(rank).ToString()));
    }

    private static RouteReader Reader(int ranks = 1, bool portPerRank = false, string? allowed = null, Random? random = null) =>
        new(new LocalEngine("http", 8200, ranks, portPerRank), 8000, "http", allowed is null ? null : PrefillerAllowList.Of([allowed]), random);

    private static DefaultHttpContext Request(int port, string headers)
    {
        var context = new DefaultHttpContext { Connection = { LocalPort = port } };
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            context.Request.Headers[header[..colon]] = header[(colon + 1)..].Trim();
        }

        return context;
    }
}
