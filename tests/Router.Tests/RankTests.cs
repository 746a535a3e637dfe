using System.Net;
using System.Net.Http.Json;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Workers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class RankTests
{
    [Theory]
    [InlineData(4, null, null, null, null, 4, 4)]
    [InlineData(1, 4, 2, null, null, 4, 2)]
    [InlineData(4, null, 2, null, null, 4, 2)]
    [InlineData(2, 4, null, null, null, 4, 2)]
    [InlineData(1, null, null, 4, 2, 4, 2)]
    [InlineData(1, 4, 2, 2, 4, 4, 2)]
    [InlineData(1, 4, 1, null, null, 4, 1)]
    [InlineData(1, 1, 2, null, null, 1, 2)]
    public void Size_IsTheRolesThenTheCommonThenTheEngines(int common, int? prefill, int? decode, int? seenPrefill, int? seenDecode, int expectedPrefill, int expectedDecode)
    {
        var sizes = new RankSizes(prefill, decode, common);

        Assert.Equal((expectedPrefill, expectedDecode), (sizes.Decide(WorkerRole.Prefill, seenPrefill), sizes.Decide(WorkerRole.Decode, seenDecode)));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("vllm:num_requests_running{model_name=\"m\"} 0\n", 1)]
    [InlineData("# engine=\"9\"\nvllm:a{engine=\"0\",model_name=\"m\"} 0\nvllm:a{engine=\"1\",model_name=\"m\"} 0\nvllm:b{model_name=\"engine=7\",engine=\"1\"} 3\n", 2)]
    public void Ranks_AreTheEngineLabelsOfTheMetrics(string metrics, int expected) =>
        Assert.Equal(expected, RankDiscovery.Count(System.Text.Encoding.UTF8.GetBytes(metrics)));

    [Theory]
    [InlineData(null, 8, 8, "Same")]
    [InlineData(null, 4, 2, "Engine")]
    [InlineData("Free", 4, 4, "Free")]
    public void Pairing_WithoutAFlagFollowsTheSizes(string? given, int prefill, int decode, string expected)
    {
        RankPairing? pairing = given is null ? null : Enum.Parse<RankPairing>(given);

        Assert.Equal(expected, new DisaggregationOptions(true, pairing).For(prefill, decode).ToString());
    }

    [Fact]
    public async Task CommonSize_MakesEachUrlSoManyWorkersInOrder()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([first.Url, second.Url], "--intra-node-data-parallel-size", "2");
        router.Client.DefaultRequestHeaders.Add("X-data-parallel-rank", "7");

        var served = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            served.Add((await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single());
        }

        Assert.Equal([first.Url + "@0", first.Url + "@1", second.Url + "@0", second.Url + "@1"], served);
        Assert.Equal(["0", "1"], first.Received.Select(Stages.RankOf));
    }

    [Fact]
    public async Task WithoutFlags_TheEngineTellsItsRanks()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var single = await ScriptedEngine.StartAsync();
        engine.Metrics = "vllm:num_requests_running{engine=\"0\"} 0\nvllm:num_requests_running{engine=\"1\"} 0\n";
        single.Metrics = "vllm:num_requests_running{engine=\"0\"} 0\n";
        await using var router = await RunningRouter.StartAsync(engine.Url, single.Url);

        var urls = (await router.GetJsonAsync("/list_workers")).GetProperty("urls").EnumerateArray().Select(url => url.GetString());
        for (var i = 0; i < 3; i++)
        {
            _ = await router.CompleteAsync();
        }

        Assert.Equal([engine.Url + "@0", engine.Url + "@1", single.Url], urls);
        Assert.Equal(["0", "1"], engine.Received.Select(Stages.RankOf));
        Assert.Null(Stages.RankOf(Assert.Single(single.Received)));
    }

    [Fact]
    public async Task EngineAddedAtRunTime_ComesAndGoesWithAllItsRanks()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([], "--intra-node-data-parallel-size", "3");

        Assert.Equal(HttpStatusCode.OK, (await router.Client.PostAsJsonAsync("/workers", new { url = engine.Url })).StatusCode);
        Assert.Equal(3, (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32());
        Assert.Equal(HttpStatusCode.BadRequest, (await router.Client.PostAsJsonAsync("/workers", new { url = engine.Url })).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await router.Client.DeleteAsync("/workers/" + Uri.EscapeDataString(engine.Url))).StatusCode);
        Assert.Equal(0, (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("0:0 1:1 2:2 3:3 0:0", "--intra-node-data-parallel-size", "4")]
    [InlineData("0:0 1:1 0:0 1:1 0:0", "--intra-node-data-parallel-size", "2", "--rank-pairing", "same", "--decode-policy", "random")]
    [InlineData("0: 1: 2: 3: 0:", "--prefill-data-parallel-size", "4", "--decode-data-parallel-size", "2")]
    [InlineData("0: 1: 2: 3: 0:", "--intra-node-data-parallel-size", "4", "--decode-data-parallel-size", "1")]
    [InlineData(":0 :1 :2 :0 :1", "--prefill-data-parallel-size", "1", "--decode-data-parallel-size", "3", "--rank-pairing", "free")]
    [InlineData("0:0 1:1 0:2 1:0 0:1", "--prefill-data-parallel-size", "2", "--decode-data-parallel-size", "3", "--rank-pairing", "free")]
    public async Task BothLegs_CarryTheRanksThatThePairingAsksFor(string expected, params string[] flags)
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url], flags);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
        }

        var pairs = prefill.Received.Zip(decode.Received, (first, second) => $"{Stages.RankOf(first)}:{Stages.RankOf(second)}");
        Assert.Equal(expected, string.Join(' ', pairs));
        Assert.All(prefill.Received.Zip(decode.Received), pair => Assert.Equal(pair.First.Headers["X-Request-Id"], pair.Second.Headers["X-Request-Id"]));
    }
}
