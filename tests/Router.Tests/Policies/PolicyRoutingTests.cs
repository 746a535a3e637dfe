using System.Text.Json;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Policies;

/// <summary>Policies in a router that runs: flags, <c>/explain</c> and metrics.</summary>
public sealed class PolicyRoutingTests
{
    [Fact]
    public async Task CacheAware_IsTheDefaultAndExplainsItself()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([first.Url, second.Url], "--policy", new RouterFlags().Policy.Value);
        var prompts = Enumerable.Range(0, 4).Select(i => $$"""{"model":"test-model","prompt":"{{string.Concat(Enumerable.Repeat($"word{i} ", 100))}}"}""").ToArray();

        var homes = new List<string>();
        foreach (var prompt in prompts.Concat(prompts))
        {
            homes.Add(EndpointOf(await router.CompleteAsync(prompt)));
        }

        Assert.Equal(homes[..4], homes[4..]);
        Assert.Equal(2, homes.Distinct().Count());
        var answer = await router.CompleteAsync(prompts[3]);
        var why = await router.GetJsonAsync("/explain/" + answer.Headers.GetValues("x-request-id").Single());
        Assert.Equal(("cache_aware", homes[3]), (why.GetProperty("policy").GetString(), why.GetProperty("endpoint").GetString()));
        Assert.Equal("holds the longest known beginning of the prompt", why.GetProperty("reason").GetString());
        Assert.Equal(1, ScoreOf(why, homes[3], "prefix_match"));
        Assert.Equal(0, ScoreOf(why, homes[3], "in_flight"));
        Assert.Equal(0, ScoreOf(why, homes.First(home => home != homes[3]), "prefix_match"));

        var metrics = await router.Client.GetStringAsync("/metrics");
        Assert.Contains("vllm_router_cache_hits_total 5", metrics);
        Assert.Contains("vllm_router_cache_misses_total 4", metrics);
        Assert.Contains($"vllm_router_tree_size{{worker=\"{first.Url}\"}} 1200", metrics);
    }

    [Fact]
    public async Task CacheAware_PrefillAndDecodeRememberEachForItself()
    {
        await using var prefill1 = await Stages.PrefillAsync();
        await using var prefill2 = await Stages.PrefillAsync();
        await using var decode1 = await Stages.DecodeAsync();
        await using var decode2 = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync(
            [prefill1.Url, prefill2.Url], [decode1.Url, decode2.Url], "--policy", "cache_aware", "--decode-policy", "round_robin");
        var prompt = $$"""{"model":"test-model","prompt":"{{new string('a', 300)}}"}""";

        for (var i = 0; i < 4; i++)
        {
            _ = await router.CompleteAsync(prompt);
        }

        Assert.Equal([0, 4], new[] { prefill1, prefill2 }.Select(engine => engine.Received.Count).Order());
        Assert.Equal([2, 2], new[] { decode1, decode2 }.Select(engine => engine.Received.Count));
    }

    [Fact]
    public async Task CacheAware_EngineThatRefuses_IsNotAskedTwice()
    {
        await using var broken = await Stages.AnsweringAsync(503);
        await using var working = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([broken.Url, working.Url], "--policy", "cache_aware", "--retry-initial-backoff-ms", "1");

        Assert.Equal(working.Url, EndpointOf(await router.CompleteAsync()));
        Assert.Single(broken.Received);
    }

    [Fact]
    public async Task StickyLeastLoaded_FinishedSession_MakesRoomInBothStages()
    {
        await using var prefill1 = await Stages.PrefillAsync();
        await using var prefill2 = await Stages.PrefillAsync();
        await using var decode1 = await Stages.DecodeAsync();
        await using var decode2 = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill1.Url, prefill2.Url], [decode1.Url, decode2.Url], "--policy", "sticky_least_loaded");
        async Task<string> AskAsync(string session) => EndpointOf(await router.CompleteAsync($$"""{"model":"test-model","session_id":"{{session}}","prompt":"p"}"""));

        var (one, two) = (await AskAsync("one"), await AskAsync("two"));
        Assert.NotEqual(one, two);
        Assert.Equal((one, two), (await AskAsync("one"), await AskAsync("two")));
        Assert.Equal([2, 2], new[] { prefill1, prefill2 }.Select(engine => engine.Received.Count));
        Assert.Contains($"llmd_router_sessions{{worker=\"{one}\"}} 1", await router.Client.GetStringAsync("/metrics"));

        var finished = await router.Client.PostAsync("/finish_session?session_id=one", null);
        Assert.Equal("""{"session_id":"one","finished":true}""", await finished.Content.ReadAsStringAsync());
        var again = await router.Client.PostAsync("/finish_session?session_id=one", null);
        Assert.Equal("""{"session_id":"one","finished":false}""", await again.Content.ReadAsStringAsync());
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await router.Client.PostAsync("/finish_session", null)).StatusCode);

        Assert.Equal(one, await AskAsync("three"));
        Assert.Equal([3, 2], new[] { prefill1, prefill2 }.Select(engine => engine.Received.Count).OrderDescending());
    }

    private static string EndpointOf(HttpResponseMessage answer) => answer.Headers.GetValues("x-llmd-endpoint").Single();

    private static double ScoreOf(JsonElement why, string endpoint, string score) => why.GetProperty("candidates").EnumerateArray()
        .Single(candidate => candidate.GetProperty("endpoint").GetString() == endpoint).GetProperty("scores").GetProperty(score).GetDouble();
}
