using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

public sealed class ChatTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";

    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task Answer_HasEveryKeyOfVllm()
    {
        var answer = (await _simulator.AskAsync(Path, """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":5}""")).AsObject();

        Assert.Equal(
            ["choices", "created", "id", "kv_transfer_params", "model", "object", "prompt_logprobs", "prompt_token_ids", "service_tier", "system_fingerprint", "usage"],
            Keys(answer));
        Assert.Equal(["finish_reason", "index", "logprobs", "message", "stop_reason", "token_ids"], Keys(answer["choices"]![0]!));
        Assert.Equal(
            ["annotations", "audio", "content", "function_call", "reasoning", "refusal", "role", "tool_calls"], Keys(answer["choices"]![0]!["message"]!));
        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.StartsWith("chatcmpl-", (string?)answer["id"], StringComparison.Ordinal);
        Assert.Matches("^[A-Z]", (string?)answer["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Stream_BeginsWithTheRoleOfEachChoice()
    {
        var events = await _simulator.StreamAsync(
            Path, """{"messages":[{"role":"user","content":"Hi"}],"n":2,"max_tokens":2,"stream":true,"stream_options":{"include_usage":true}}""");
        var chunks = events.SkipLast(1).Select(data => JsonNode.Parse(data)!.AsObject()).ToArray();

        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(2 + 4 + 1, chunks.Length);
        Assert.All(chunks[..2], chunk => Assert.Equal("""{"role":"assistant","content":""}""", chunk["choices"]![0]!["delta"]!.ToJsonString()));
        Assert.All(chunks[2..6], chunk => Assert.Equal(["content"], Keys(chunk["choices"]![0]!["delta"]!)));
        Assert.Equal(2, chunks[2..6].Count(chunk => (string?)chunk["choices"]![0]!["finish_reason"] == "length"));
        Assert.Equal(4, (int?)chunks[6]["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task Content_InParts_CountsAsTheJoinedText()
    {
        var parts = await _simulator.AskAsync(
            Path, """{"messages":[{"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}],"max_tokens":8}""");
        var text = await _simulator.AskAsync(Path, """{"messages":[{"role":"user","content":"one\ntwo"}],"max_tokens":8}""");

        Assert.Equal(Content(text), Content(parts));
    }

    [Fact]
    public async Task MaxCompletionTokens_BeatsMaxTokens()
    {
        var answer = await _simulator.AskAsync(Path, """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"max_completion_tokens":4}""");

        Assert.Equal(4, (int?)answer["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task EchoMode_SaysTheLastUserMessage()
    {
        await using var echo = await RunningSimulator.StartAsync("--mode", "echo");
        var answer = await echo.AskAsync(
            Path, """{"messages":[{"role":"user","content":"first"},{"role":"assistant","content":"mine"},{"role":"user","content":"say this"}]}""");

        Assert.Equal("say this", Content(answer));
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Tokenize_OfTheMessages_CountsWhatTheAnswerCounts()
    {
        const string Messages = """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"max_tokens":1}""";
        var tokens = await _simulator.AskAsync("/tokenize", Messages);
        var answer = await _simulator.AskAsync(Path, Messages);

        Assert.Equal((int?)tokens["count"], (int?)answer["usage"]!["prompt_tokens"]);
    }

    private static string[] Keys(JsonNode node) => [.. node.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    private static string? Content(JsonNode answer) => (string?)answer["choices"]![0]!["message"]!["content"];
}
