using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Dashboard.Tests.Fakes;
using LlmdAspire.Dashboard.Tests.Why;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Dashboard.Tests.Http;

/// <summary>The picker's reasoning and the indexer's trust, joined with what the Router says.</summary>
public sealed class WhyTests
{
    private const string Sentence = "decode-1 because it holds 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute";

    [Fact]
    public async Task State_AskedForARequest_HasThePickersScores()
    {
        await using var engines = new PickedStack();
        await engines.StartAsync();
        engines.Decide("cmpl-1");
        engines.Stack.Router.Served("cmpl-1", engines.Decode1);
        await engines.Stack.UntilStateAsync(state => state.GetProperty("requests") is var rows && rows.GetArrayLength() == 1 && rows[0].GetProperty("why").ValueKind == JsonValueKind.String);

        var state = await engines.Stack.Client.GetStringAsync("/api/state?request=cmpl-1");

        var json = JsonSerializer.Deserialize<JsonElement>(state);
        var row = json.GetProperty("requests")[0];
        Assert.Equal((Sentence, 1984), (row.GetProperty("why").GetString(), row.GetProperty("expected_cached_tokens").GetInt32()));
        var why = json.GetProperty("why");
        Assert.Equal(Sentence, why.GetProperty("sentence").GetString());
        Assert.Equal(["router", "picker", "indexer", "prefill", "decode"], why.GetProperty("path").EnumerateArray().Select(step => step.GetProperty("step").GetString()));
        var profile = why.GetProperty("picker").GetProperty("profiles")[0];
        Assert.Equal(3, profile.GetProperty("weights").GetProperty("prefix-cache-scorer").GetDouble());
        Assert.Equal(0.992, profile.GetProperty("candidates")[1].GetProperty("scores").GetProperty("prefix-cache-scorer").GetDouble());
        Assert.Equal(1984, profile.GetProperty("candidates")[1].GetProperty("expected_cached_tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, (await engines.Stack.StateAsync()).GetProperty("why").ValueKind);

        var page = await engines.Stack.Client.GetStringAsync("/?request=cmpl-1");
        Assert.Contains(Sentence, page, StringComparison.Ordinal);
        Assert.Contains("3.976", page, StringComparison.Ordinal);
        Assert.Contains("Prefix known precisely", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_ListsPrefillEnginesThatNoRequestUsedYet_WithTrustAndExpectation()
    {
        await using var engines = new PickedStack();
        await using var indexer = await FakeServer.StartAsync(app => app.MapGet("/v1/endpoints", () => Results.Json(new[]
        {
            new { endpoint = engines.Prefill0, trusted = false, connected = true, lag_seconds = 0.25, blocks = 7, gaps = 1, restarts = 0 },
        })));
        await engines.StartAsync("--kv-indexer", indexer.Url);

        var state = await engines.Stack.StateAsync();

        var listed = state.GetProperty("engines");
        Assert.Equal(
            ["prefill-0 prefill", "decode-0 decode", "decode-1 decode"],
            listed.EnumerateArray().Select(engine => $"{engine.GetProperty("name")} {engine.GetProperty("role")}"));
        Assert.Equal("healthy", listed[0].GetProperty("state").GetString());
        Assert.Equal(0.496, listed[0].GetProperty("expected_hit_rate").GetDouble());
        Assert.Equal((false, 0.25), (listed[0].GetProperty("index").GetProperty("trusted").GetBoolean(), listed[0].GetProperty("index").GetProperty("lag_seconds").GetDouble()));
        Assert.Equal(JsonValueKind.Null, listed[1].GetProperty("index").ValueKind);
        Assert.Equal(0.496, state.GetProperty("totals").GetProperty("expected_hit_rate").GetDouble());
        Assert.Contains("not trusted", await engines.Stack.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Picker_IsAskedOncePerRequest()
    {
        await using var engines = new PickedStack();
        await engines.StartAsync();
        engines.Stack.Router.Served("cmpl-unknown", engines.Decode1);
        engines.Stack.Router.Served("cmpl-1", engines.Decode1);
        await engines.Stack.UntilStateAsync(state => state.GetProperty("requests").GetArrayLength() == 2);

        engines.Stack.Router.Served("cmpl-2", engines.Decode1);
        await engines.Stack.UntilStateAsync(state => state.GetProperty("requests").GetArrayLength() == 3);

        Assert.Equal(["cmpl-1", "cmpl-2", "cmpl-unknown"], engines.Picker.Asked.Order());
    }

    [Fact]
    public async Task Picker_ThatTellsNothing_LeavesTheRoutersReason()
    {
        await using var other = await FakeEngine.StartAsync();
        await using var stack = await Stack.StartAsync(engines: 1, flags: ["--epp-metrics", other.Url]);
        stack.Router.Served("cmpl-1", stack.Engines[0].Url);

        var why = await stack.Client.GetStringAsync("/api/why?request=cmpl-1");
        var source = (await stack.StateAsync()).GetProperty("sources")[1];

        Assert.Contains("next in turn", why, StringComparison.Ordinal);
        Assert.Contains("The picker answered 404 to /debug/decisions, so its reasons are unknown.", why, StringComparison.Ordinal);
        Assert.Equal(("up", "answered 404 to /debug/endpoints, so its reasons are unknown"), (source.GetProperty("state").GetString(), source.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task AspireDashboard_ThatIsNotThere_IsAHint()
    {
        await using var stack = await Stack.StartAsync(engines: 1, flags: ["--aspire-dashboard", await Stack.UnusedUrlAsync()]);

        var source = (await stack.StateAsync()).GetProperty("sources")[1];

        Assert.Equal("away", source.GetProperty("state").GetString());
        Assert.Contains("npm install -g @microsoft/aspire-cli", source.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("refused", await stack.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
