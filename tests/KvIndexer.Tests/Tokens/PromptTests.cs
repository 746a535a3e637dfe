using System.Net;
using System.Text;
using System.Text.Json;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

/// <summary>Prompts and conversations, whose tokens an engine's <c>/tokenize</c> tells.</summary>
public sealed class PromptTests
{
    [Fact]
    public async Task Prompt_IsTokenizedOnce()
    {
        await using var engine = await ScriptedEngine.StartAsync(Tokenize);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);

        var first = await ScoreAsync(indexer, "How are you today?");
        var second = await ScoreAsync(indexer, "How are you today?");

        Assert.Equal(first.GetProperty("tokens").GetInt32(), second.GetProperty("tokens").GetInt32());
        Assert.Single(engine.Received);
    }

    [Fact]
    public async Task GrowingPrompt_HasOnlyItsEndTokenized()
    {
        await using var engine = await ScriptedEngine.StartAsync(Tokenize);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        var text = new StringBuilder();
        for (var i = 0; text.Length < 20_000; i++)
        {
            _ = text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Sentence number {i} tells of the weather, and of nothing else. ");
        }

        _ = await ScoreAsync(indexer, text.ToString());
        var before = engine.Received.Sum(request => request.Body.Length);
        var grown = text + "And then it ended.";
        var answer = await ScoreAsync(indexer, grown);

        Assert.Equal(Encode(grown).Count, answer.GetProperty("tokens").GetInt32());
        Assert.InRange(engine.Received.Sum(request => request.Body.Length) - before, 1, 3000);
    }

    [Fact]
    public async Task TokenizerThatJoinsWordsAcrossCuts_IsAskedForWholeTexts()
    {
        // Every three bytes a token, whatever they are: no place is safe to cut.
        await using var engine = await ScriptedEngine.StartAsync((context, request) =>
        {
            var text = JsonDocument.Parse(request.Body).RootElement.GetProperty("prompt").GetString()!;
            return context.Response.WriteAsJsonAsync(new { tokens = text.Chunk(3).Select(chunk => (chunk[0] * 7) + chunk.Length) });
        });
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        var text = string.Concat(Enumerable.Repeat("some more words ", 300));

        Assert.Equal(1600, (await ScoreAsync(indexer, text)).GetProperty("tokens").GetInt32());
        Assert.Equal(1601, (await ScoreAsync(indexer, text + "abc")).GetProperty("tokens").GetInt32());
    }

    [Fact]
    public async Task Conversation_IsRenderedByTheEngine()
    {
        await using var engine = await ScriptedEngine.StartAsync(Tokenize);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        object body = new { model = RunningIndexer.Model, messages = new[] { new { role = "user", content = "Hello" } }, tools = new[] { new { type = "function" } } };

        var answer = await indexer.PostAsync("/v1/score", body);
        _ = await indexer.PostAsync("/v1/score", body);

        Assert.Equal(3, answer.GetProperty("tokens").GetInt32());
        var request = Assert.Single(engine.Received);
        Assert.Equal("""{"model":"test-model","messages":[{"role":"user","content":"Hello"}],"tools":[{"type":"function"}]}""", request.Text);
    }

    [Fact]
    public async Task EngineThatIsAway_IsSteppedOver()
    {
        await using var engine = await ScriptedEngine.StartAsync(Tokenize);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.StartAsync(
            "--engine", $"http://127.0.0.1:{TestPorts.Free()},events={publisher.Events},model=m",
            "--engine", $"{engine.Url},events={publisher.Events},model=m");

        for (var i = 0; i < 4; i++)
        {
            Assert.True((await ScoreAsync(indexer, $"Prompt {i}")).GetProperty("tokens").GetInt32() > 0);
        }
    }

    [Fact]
    public async Task WithoutAnyEngine_APromptIs503_AndTokensStillScore()
    {
        await using var indexer = await RunningIndexer.StartAsync();

        using var response = await indexer.PostTextAsync("/v1/score", """{"model":"m","prompt":"hello"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal("", await indexer.MatchesAsync([1, 2, 3]));
    }

    [Fact]
    public async Task RefusalOfTheEngine_IsPassedOn()
    {
        await using var engine = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("""{"error":{"message":"The model `m` does not exist.","type":"NotFoundError","param":"model","code":404}}""");
        });
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);

        using var response = await indexer.PostTextAsync("/v1/score", """{"model":"m","prompt":"hello"}""");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("does not exist", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ModelThatNobodyNames_IsAskedOfTheEngine()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.StartAsync("--engine", $"{engine.Url},events={publisher.Events}");
        await publisher.SubscribedAsync();

        publisher.Publish(0, 100, batch => batch.Store(1, 0, 2));

        await indexer.MatchesEventuallyAsync($"{engine.Url}=2", Blocks.Tokens(1, 2));
    }

    private static Task<JsonElement> ScoreAsync(RunningIndexer indexer, string prompt) =>
        indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, prompt });

    private static Task Tokenize(HttpContext context, ReceivedRequest request)
    {
        var body = JsonDocument.Parse(request.Body).RootElement;
        return context.Response.WriteAsJsonAsync(new { tokens = body.TryGetProperty("prompt", out var prompt) ? Encode(prompt.GetString()!) : [1, 2, 3] });
    }

    private static List<int> Encode(string text)
    {
        var tokens = new List<int>();
        BuiltinTokenizer.Instance.Encode(text, tokens);
        return tokens;
    }
}
