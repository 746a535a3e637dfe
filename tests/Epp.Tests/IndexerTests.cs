using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Epp.Tests;

/// <summary>Picks with a KvIndexer: on time, late, away, and one that talks nonsense.</summary>
public sealed class IndexerTests : IAsyncLifetime
{
    private const string Body = """{"model":"test-model","prompt":"hello","cache_salt":"s"}""";

    private ScriptedEngine _first = null!;
    private ScriptedEngine _second = null!;

    public async ValueTask InitializeAsync() => (_first, _second) = (await ScriptedEngine.StartAsync(), await ScriptedEngine.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private string Endpoints => $"{_first.Url},{_second.Url}";

    private string SecondAddress => new Uri(_second.Url).Authority;

    [Fact]
    public async Task OnTime_ItsWordDecides()
    {
        await using var indexer = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsJsonAsync(Answer(_second.Url + "@0")));
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url, "--kv-indexer-tokenize-deadline", "60s");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(SecondAddress, AddressOf(await epp.PickAsync(Body)));
        }

        var asked = JsonDocument.Parse(indexer.Received.First().Body).RootElement;
        Assert.Equal("/v1/score", indexer.Received.First().Path);
        Assert.Equal(("test-model", "hello", "s"), (asked.GetProperty("model").GetString(), asked.GetProperty("prompt").GetString(), asked.GetProperty("cache_salt").GetString()));
        var decision = (await epp.DecisionsAsync())[0];
        Assert.Equal(("indexer", 4), (decision.GetProperty("prefix").GetProperty("source").GetString(), decision.GetProperty("prefix").GetProperty("matched_blocks").GetInt32()));
        Assert.Equal(0, await epp.MetricAsync("llmd_epp_indexer_fallback_total"));
    }

    [Theory]
    [InlineData("""{"model":"m","prompt":[1,2,3]}""", "token_ids")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", "messages")]
    public async Task EveryKindOfPrompt_IsAskedAsItCame(string body, string member)
    {
        await using var indexer = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsJsonAsync(Answer(_second.Url)));
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url, "--kv-indexer-deadline", "60s", "--kv-indexer-tokenize-deadline", "60s");

        Assert.Equal(SecondAddress, AddressOf(await epp.PickAsync(body, "/v1/chat/completions")));
        Assert.True(JsonDocument.Parse(indexer.Received.Single().Body).RootElement.TryGetProperty(member, out _));
    }

    [Fact]
    public async Task WhatTheTemplateSees_IsPassedOn()
    {
        const string Chat = """{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}],"stream":true,"chat_template_kwargs":{"enable_thinking":false},"add_generation_prompt":null,"model":"m"}""";
        await using var indexer = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsJsonAsync(Answer(_second.Url)));
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url, "--kv-indexer-tokenize-deadline", "60s");

        Assert.Equal(SecondAddress, AddressOf(await epp.PickAsync(Chat, "/v1/chat/completions")));
        Assert.Equal(
            """{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}],"chat_template_kwargs":{"enable_thinking":false}}""",
            indexer.Received.Single().Text);
    }

    [Fact]
    public async Task ColdPrompt_HasItsOwnBudget_AndKnownTokensTheShortOne()
    {
        // The indexer never answers, so each pick lasts as long as its deadline, and the indexer's caller is not gone with it.
        var gone = new TaskCompletionSource();
        await using var indexer = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            using var registration = context.RequestAborted.Register(() => gone.TrySetResult());
            await gone.Task;
        });
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url, "--kv-indexer-deadline", "1ms", "--kv-indexer-tokenize-deadline", "200ms");
        _ = await epp.PickAsync("""{"model":"m","prompt":[1]}""");

        var began = TimeProvider.System.GetTimestamp();
        _ = await epp.PickAsync(Body);

        // The lower bound holds however loaded the machine is.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds, 190, double.MaxValue);
        Assert.False(gone.Task.IsCompleted, "The indexer's work on the prompt was cancelled with the pick.");
        gone.TrySetResult();
    }

    [Fact]
    public async Task Late_ThePickGoesOnWithoutIt_AndTheAnswerIsStillTaken()
    {
        var release = new TaskCompletionSource();
        var answered = new TaskCompletionSource();
        await using var indexer = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            await release.Task;
            await context.Response.WriteAsJsonAsync(Answer(_second.Url));
            answered.SetResult();
        });
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url);

        Assert.NotNull(AddressOf(await epp.PickAsync(Body)));
        Assert.Equal(1, await epp.MetricAsync("llmd_epp_indexer_fallback_total", "reason=\"timeout\""));
        Assert.Equal(("approximate", "timeout"), Prefix(await epp.DecisionsAsync()));

        release.SetResult();
        await Eventually.DoneAsync(answered.Task);
    }

    [Fact]
    public async Task Away_ThePickGoesOnWithoutIt_AndRepeatedPromptsStillGoBack()
    {
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", $"http://127.0.0.1:{TestPorts.Free()}", "--kv-indexer-tokenize-deadline", "60s");

        var first = AddressOf(await epp.PickAsync(Body));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(first, AddressOf(await epp.PickAsync(Body)));
        }

        Assert.Equal(6, await epp.MetricAsync("llmd_epp_indexer_fallback_total", "reason=\"unavailable\""));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"matches":3,"blocks":1}""")]
    public async Task Nonsense_CountsAsAnError(string answer)
    {
        await using var indexer = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync(answer));
        await using var epp = await RunningEpp.StartAsync(Endpoints, "--kv-indexer", indexer.Url, "--kv-indexer-tokenize-deadline", "60s");

        Assert.NotNull(AddressOf(await epp.PickAsync(Body)));
        Assert.Equal(1, await epp.MetricAsync("llmd_epp_indexer_fallback_total", "reason=\"error\""));
    }

    private static object Answer(string endpoint) => new
    {
        model = "test-model",
        block_size = 16,
        tokens = 64,
        blocks = 4,
        degraded = false,
        matches = new[] { new { endpoint, blocks = 4, tokens = 64, tiers = new { gpu = 4 }, score = 4.0 } },
    };

    private static string? AddressOf(Protocols.ExtProc.ProcessingResponse answer) => answer.Metadata();

    private static (string?, string?) Prefix(JsonElement decisions)
    {
        var prefix = decisions[0].GetProperty("prefix");
        return (prefix.GetProperty("source").GetString(), prefix.GetProperty("fallback").GetString());
    }
}
