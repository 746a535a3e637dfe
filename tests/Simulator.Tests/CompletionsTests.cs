using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

public sealed class CompletionsTests : IAsyncLifetime
{
    private const string Path = "/v1/completions";

    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task Answer_HasEveryKeyOfVllm()
    {
        var answer = (await _simulator.AskAsync(Path, """{"prompt":"Hello there","max_tokens":5}""")).AsObject();

        Assert.Equal(
            ["choices", "created", "id", "kv_transfer_params", "model", "object", "service_tier", "system_fingerprint", "usage"], Keys(answer));
        Assert.Equal(
            ["finish_reason", "index", "logprobs", "prompt_logprobs", "prompt_token_ids", "stop_reason", "text", "token_ids"], Keys(answer["choices"]![0]!));
        Assert.Equal(["completion_tokens", "prompt_tokens", "prompt_tokens_details", "total_tokens"], Keys(answer["usage"]!));
        Assert.Equal("text_completion", (string?)answer["object"]);
        Assert.Equal(RunningSimulator.Model, (string?)answer["model"]);
        Assert.StartsWith("cmpl-", (string?)answer["id"], StringComparison.Ordinal);
        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(5, (int?)answer["usage"]!["completion_tokens"]);
    }

    [Theory]
    [InlineData("\"one\"", 1)]
    [InlineData("[\"one\",\"two\"]", 2)]
    [InlineData("[1,2,128255]", 1)]
    [InlineData("[[1,2],[3]]", 2)]
    public async Task Prompt_EveryForm_GivesOneChoiceForEachPromptAndN(string prompt, int prompts)
    {
        var answer = await _simulator.AskAsync(Path, $$"""{"prompt":{{prompt}},"n":2,"max_tokens":3}""");

        var choices = answer["choices"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, prompts * 2), choices.Select(choice => (int)choice!["index"]!));
        Assert.Equal(prompts * 2 * 3, (int?)answer["usage"]!["completion_tokens"]);
        Assert.NotEqual((string?)choices[0]!["text"], (string?)choices[1]!["text"]);
    }

    [Fact]
    public async Task MaxTokens_NotGiven_IsSixteen()
    {
        Assert.Equal(16, (int?)(await _simulator.AskAsync(Path, """{"prompt":"a"}"""))["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task Text_DependsOnPromptAndSeedsAlone()
    {
        const string Body = """{"prompt":"Tell me","max_tokens":40}""";
        var texts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TextAsync(_simulator, Body)));
        await using var other = await RunningSimulator.StartAsync("--max-num-seqs", "1", "--inter-token-latency", "0");
        await using var seeded = await RunningSimulator.StartAsync("--seed", "1");

        Assert.Single(texts.Append(await TextAsync(other, Body)).Distinct());
        Assert.NotEqual(texts[0], await TextAsync(seeded, Body));
        Assert.NotEqual(texts[0], await TextAsync(_simulator, """{"prompt":"Tell me","max_tokens":40,"seed":5}"""));
    }

    [Fact]
    public async Task Echo_TextBeginsWithThePrompt()
    {
        var answer = await _simulator.AskAsync(Path, """{"prompt":"Once upon a time","echo":true,"max_tokens":0}""");

        Assert.Equal("Once upon a time", (string?)answer["choices"]![0]!["text"]);
        Assert.Equal(0, (int?)answer["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task IgnoreEos_GivesExactlyMaxTokens()
    {
        var answer = await _simulator.AskAsync(Path, """{"prompt":"a","max_tokens":3000,"ignore_eos":true}""");

        Assert.Equal(3000, (int?)answer["usage"]!["completion_tokens"]);
        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Model_EndsByItself_WhenTheLimitIsFarAway()
    {
        var answer = await _simulator.AskAsync(Path, """{"prompt":"a","max_tokens":3000}""");

        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.InRange((int)answer["usage"]!["completion_tokens"]!, 128, 640);
    }

    [Fact]
    public async Task Stop_StringIsCutOffAndNamed_StreamedOrNot()
    {
        var whole = (string)(await _simulator.AskAsync(Path, """{"prompt":"Tell me","max_tokens":60}"""))["choices"]![0]!["text"]!;
        var stop = whole[20..23];
        var body = new JsonObject { ["prompt"] = "Tell me", ["max_tokens"] = 60, ["stop"] = stop };
        var choice = (await _simulator.AskAsync(Path, body.ToJsonString()))["choices"]![0]!;
        body["stream"] = true;
        var events = await _simulator.StreamAsync(Path, body.ToJsonString());

        var expected = whole[..whole.IndexOf(stop, StringComparison.Ordinal)];
        Assert.Equal(expected, (string?)choice["text"]);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
        Assert.Equal(stop, (string?)choice["stop_reason"]);
        Assert.Equal(expected, string.Concat(events.SkipLast(1).Select(data => (string?)JsonNode.Parse(data)!["choices"]![0]!["text"])));
    }

    [Fact]
    public async Task Stream_IsOneEventATokenThenUsageThenDone()
    {
        var events = await _simulator.StreamAsync(Path, """{"prompt":"Hello","max_tokens":3,"stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal(5, events.Count);
        Assert.Equal("[DONE]", events[^1]);
        var chunks = events.Take(4).Select(data => JsonNode.Parse(data)!.AsObject()).ToArray();
        Assert.All(chunks[..3], chunk => Assert.Equal(["choices", "created", "id", "model", "object"], Keys(chunk)));
        Assert.All(chunks[..3], chunk => Assert.Equal(
            ["finish_reason", "index", "logprobs", "prompt_token_ids", "stop_reason", "text", "token_ids"], Keys(chunk["choices"]![0]!)));
        Assert.Equal([null, null, "length"], chunks[..3].Select(chunk => (string?)chunk["choices"]![0]!["finish_reason"]));
        Assert.Empty(chunks[3]["choices"]!.AsArray());
        Assert.Equal(["completion_tokens", "prompt_tokens", "total_tokens"], Keys(chunks[3]["usage"]!));
        var whole = await _simulator.AskAsync(Path, """{"prompt":"Hello","max_tokens":3}""");
        Assert.Equal((string?)whole["choices"]![0]!["text"], string.Concat(chunks[..3].Select(chunk => (string?)chunk["choices"]![0]!["text"])));
    }

    [Fact]
    public async Task Stream_ContinuousUsage_CountsUp()
    {
        var events = await _simulator.StreamAsync(
            Path, """{"prompt":"Hello","max_tokens":3,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}""");

        Assert.Equal([1, 2, 3, 3], events.SkipLast(1).Select(data => (int)JsonNode.Parse(data)!["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Stream_ForcedUsage_NeedsNoAsking()
    {
        await using var forced = await RunningSimulator.StartAsync("--enable-force-include-usage");
        var events = await forced.StreamAsync(Path, """{"prompt":"Hello","max_tokens":2,"stream":true}""");

        Assert.Equal([1, 2, 2], events.SkipLast(1).Select(data => (int)JsonNode.Parse(data)!["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Sequences_MoreThanAnEngineShouldHold_AreRefused()
    {
        var prompts = string.Join(',', Enumerable.Repeat("[1]", 17));
        var error = (await _simulator.AskAsync(Path, $$"""{"prompt":[{{prompts}}],"n":1024}"""))["error"]!;

        Assert.Equal(400, (int?)error["code"]);
    }

    [Fact]
    public async Task Stream_CharacterOfSeveralTokens_StaysWhole()
    {
        await using var echo = await RunningSimulator.StartAsync("--mode", "echo");
        const string Text = "a 🙂 ü 世界 \"quoted\" \\ \n 👩‍👩‍👧";
        var events = await echo.StreamAsync(Path, new JsonObject { ["prompt"] = Text, ["stream"] = true }.ToJsonString());

        Assert.Equal(Text, string.Concat(events.SkipLast(1).Select(data => (string?)JsonNode.Parse(data)!["choices"]![0]!["text"])));
    }

    [Fact]
    public async Task ReturnTokenIds_GivesPromptAndTokens()
    {
        var choice = (await _simulator.AskAsync(Path, """{"prompt":[5,6,7],"max_tokens":4,"return_token_ids":true}"""))["choices"]![0]!;
        var events = await _simulator.StreamAsync(Path, """{"prompt":[5,6,7],"max_tokens":4,"return_token_ids":true,"stream":true}""");

        Assert.Equal([5, 6, 7], choice["prompt_token_ids"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(
            choice["token_ids"]!.AsArray().Select(id => (int)id!),
            events.SkipLast(1).SelectMany(data => JsonNode.Parse(data)!["choices"]![0]!["token_ids"]!.AsArray()).Select(id => (int)id!));
    }

    [Fact]
    public async Task RequestId_FromHeaderThenBody_IsPartOfTheId()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("""{"prompt":"a","request_id":"body"}""") };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Request-Id", "abc");
        using var response = await _simulator.Client.SendAsync(request);

        Assert.Equal("cmpl-abc", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]);
        Assert.False(response.Headers.Contains("X-Request-Id"));
        Assert.Equal("cmpl-body", (string?)(await _simulator.AskAsync(Path, """{"prompt":"a","request_id":"body"}"""))["id"]);
    }

    private static string[] Keys(JsonNode node) => [.. node.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    private static async Task<string> TextAsync(RunningSimulator simulator, string body) =>
        (string)(await simulator.AskAsync(Path, body))["choices"]![0]!["text"]!;
}
