using System.Net;
using System.Text.Json;
using LlmdAspire.Dashboard.Tests.Fakes;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Dashboard.Tests.Http;

public sealed class StateTests
{
    [Fact]
    public async Task State_ShowsEnginesRequestsAndModelsOfTheRouter()
    {
        await using var stack = await Stack.StartAsync(engines: 2);
        stack.Engines[1].Running = 7;
        stack.Router.Unhealthy.Add(stack.Engines[0].Url);
        stack.Router.Served("cmpl-1", stack.Engines[1].Url, attempts: 2);

        var state = await stack.UntilStateAsync(state => state.GetProperty("requests").GetArrayLength() == 1);

        Assert.Equal("up", state.GetProperty("sources")[0].GetProperty("state").GetString());
        var engines = state.GetProperty("engines");
        Assert.Equal("unhealthy", engines[0].GetProperty("state").GetString());
        Assert.Equal("open", engines[0].GetProperty("circuit_breaker").GetString());
        Assert.Equal("healthy", engines[1].GetProperty("state").GetString());
        Assert.Equal(7, engines[1].GetProperty("running").GetDouble());
        Assert.Equal("demo/model", state.GetProperty("models")[0].GetString());
        var request = state.GetProperty("requests")[0];
        Assert.Equal("cmpl-1", request.GetProperty("request_id").GetString());
        Assert.Equal(stack.Engines[1].Url, request.GetProperty("endpoint").GetString());
        Assert.Equal(2, request.GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task Metrics_LeaveNothingToSayForPromtool()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        await using var stack = await Stack.StartAsync(engines: 1);

        Assert.Null(await Promtool.FindObjectionAsync(await stack.Client.GetStringAsync("/metrics")));
    }

    [Fact]
    public async Task State_WhileCountersGrow_TellsRates()
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        await stack.UntilStateAsync(state => state.GetProperty("history").GetArrayLength() > 1);

        stack.Engines[0].GenerationTokens += 1000;
        stack.Engines[0].FirstTokens = (10, 0, 0);
        var state = await stack.UntilStateAsync(
            state => state.GetProperty("totals").GetProperty("generation_tokens_per_second") is { ValueKind: JsonValueKind.Number } rate && rate.GetDouble() > 0);

        Assert.Equal(50, state.GetProperty("totals").GetProperty("time_to_first_token").GetProperty("p50_ms").GetDouble(), precision: 6);
    }

    [Fact]
    public async Task Page_WithoutTheRouter_ShowsItAway_AndIsAPageAllTheSame()
    {
        await using var stack = await Stack.WithoutRouterAsync("--kv-indexer", await Stack.UnusedUrlAsync(), "--epp-metrics", await Stack.UnusedUrlAsync());

        using var answer = await stack.Client.GetAsync("/");
        var html = await answer.Content.ReadAsStringAsync();
        var state = await stack.StateAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("refused the connection", html, StringComparison.Ordinal);
        Assert.Equal(
            ["router away", "epp away", "kv-indexer away"],
            state.GetProperty("sources").EnumerateArray().Select(source => $"{source.GetProperty("name")} {source.GetProperty("state")}"));
    }

    [Fact]
    public async Task State_WhenAnEngineIsAway_ShowsItAwayAndTheOthersUp()
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        stack.Router.Workers.Add(await Stack.UnusedUrlAsync());

        var state = await stack.UntilStateAsync(state => state.GetProperty("engines").GetArrayLength() == 2);

        Assert.Equal(["healthy", "away"], state.GetProperty("engines").EnumerateArray().Select(engine => engine.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task State_WhenTheRouterGoes_KeepsShowingTheEnginesItNamedLast()
    {
        await using var stack = await Stack.StartAsync(engines: 2);
        await stack.UntilStateAsync(state => state.GetProperty("engines").GetArrayLength() == 2);

        await stack.Router.DisposeAsync();
        var state = await stack.UntilStateAsync(state => state.GetProperty("sources")[0].GetProperty("state").GetString() == "away");

        Assert.Equal(2, state.GetProperty("engines").GetArrayLength());
    }

    [Fact]
    public async Task State_WithEppAndKvIndexer_ShowsWhatTheyOffer()
    {
        await using var epp = await FakeEngine.StartAsync();
        await using var indexer = await FakeServer.StartAsync(app => app.MapGet("/v1/endpoints", () => Results.Json(new[] { new { endpoint = "http://a:1", trusted = true }, new { endpoint = "http://b:1", trusted = false } })));
        await using var stack = await Stack.StartAsync(engines: 1, flags: ["--epp-metrics", epp.Url, "--kv-indexer", indexer.Url]);

        var sources = (await stack.StateAsync()).GetProperty("sources");

        Assert.Equal("up", sources[1].GetProperty("state").GetString());
        Assert.Equal("2", sources[2].GetProperty("facts").GetProperty("endpoints").GetString());
        Assert.Equal("1", sources[2].GetProperty("facts").GetProperty("trusted").GetString());
    }

    [Fact]
    public async Task Router_IsAskedWithTheAdminKey_AndTheKeyIsShownNowhere()
    {
        await using var stack = await Stack.StartAsync(engines: 1, flags: ["--admin-key", "open-sesame"]);

        var page = await stack.Client.GetStringAsync("/") + await stack.Client.GetStringAsync("/api/state");

        Assert.Contains("Bearer open-sesame", stack.Router.Authorizations);
        Assert.DoesNotContain("open-sesame", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_SendsEveryPartFirst_AndThenWhatChanged()
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        using var reader = new StreamReader(await stack.Client.GetStreamAsync("/api/stream"));

        var first = await NextAsync(reader);
        stack.Router.Served("cmpl-streamed", stack.Engines[0].Url);
        var later = await NextAsync(reader);
        while (!later.TryGetProperty("requests", out _))
        {
            later = await NextAsync(reader);
        }

        Assert.Equal(["sources", "totals", "topology", "requests", "models"], first.EnumerateObject().Select(part => part.Name));
        Assert.Contains("cmpl-streamed", later.GetProperty("requests").GetString(), StringComparison.Ordinal);
        Assert.False(later.TryGetProperty("models", out _));
    }

    [Theory]
    [InlineData("--router", "somewhere")]
    [InlineData("--refresh", "1ms")]
    [InlineData("--kv-indexer", "ftp://a")]
    public async Task Start_WithAWrongFlag_NamesTheFlag(string flag, string value)
    {
        var mistake = await Assert.ThrowsAsync<ServiceDefaults.UsageException>(
            () => new DashboardService().StartAsync(["--port", "0", flag, value]));

        Assert.Contains(flag, mistake.Message, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> NextAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
            }
        }

        throw new EndOfStreamException("The stream of parts ended.");
    }
}
