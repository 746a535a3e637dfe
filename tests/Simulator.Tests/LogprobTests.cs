using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Log probabilities in the shapes of each API.</summary>
public sealed class LogprobTests : IAsyncLifetime
{
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task Chat_TellsEachTokenWithItsRivals_TheSameWhenStreamed()
    {
        const string Body = """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":6,"logprobs":true,"top_logprobs":3""";
        var choice = (await _simulator.AskAsync("/v1/chat/completions", Body + "}"))["choices"]![0]!;
        var events = await _simulator.StreamAsync("/v1/chat/completions", Body + ""","stream":true}""");
        var content = choice["logprobs"]!["content"]!.AsArray();

        Assert.Equal(6, content.Count);
        Assert.Equal((string?)choice["message"]!["content"], string.Concat(content.Select(entry => (string?)entry!["token"])));
        foreach (var entry in content)
        {
            var top = entry!["top_logprobs"]!.AsArray();
            Assert.Equal(["token", "logprob", "bytes", "top_logprobs"], entry.AsObject().Select(pair => pair.Key));
            Assert.Equal(3, top.Count);
            Assert.Equal((string?)entry["token"], (string?)top[0]!["token"]);
            Assert.Equal(top.Select(rival => (double)rival!["logprob"]!).OrderDescending(), top.Select(rival => (double)rival!["logprob"]!));
            Assert.True(top.Sum(rival => Math.Exp((double)rival!["logprob"]!)) <= 1);
        }

        Assert.Equal(
            content.Select(entry => entry!.ToJsonString()),
            events.SkipLast(1).Skip(1).SelectMany(data => JsonNode.Parse(data)!["choices"]![0]!["logprobs"]!["content"]!.AsArray()).Select(entry => entry!.ToJsonString()));
    }

    [Fact]
    public async Task Completion_TellsFourLists_AndThePromptsWithEcho()
    {
        var choice = (await _simulator.AskAsync("/v1/completions", """{"prompt":[1000,2000,3000],"max_tokens":4,"logprobs":2,"echo":true}"""))["choices"]![0]!;
        var logprobs = choice["logprobs"]!;

        Assert.Equal(["text_offset", "token_logprobs", "tokens", "top_logprobs"], logprobs.AsObject().Select(pair => pair.Key));
        Assert.All(logprobs.AsObject(), list => Assert.Equal(7, list.Value!.AsArray().Count));
        Assert.Null(logprobs["token_logprobs"]![0]);
        Assert.Null(logprobs["top_logprobs"]![0]);
        Assert.Equal((string?)choice["text"], string.Concat(logprobs["tokens"]!.AsArray().Select(token => (string?)token)));
        Assert.Equal(0, (int)logprobs["text_offset"]![0]!);
        Assert.All(logprobs["top_logprobs"]!.AsArray().Skip(1), top => Assert.Equal(2, top!.AsObject().Count));
    }

    [Fact]
    public async Task PromptLogprobs_AreDictionariesByTokenId()
    {
        var choice = (await _simulator.AskAsync("/v1/completions", """{"prompt":[1000,2000,3000],"max_tokens":1,"prompt_logprobs":1}"""))["choices"]![0]!;
        var prompt = choice["prompt_logprobs"]!.AsArray();

        Assert.Equal(3, prompt.Count);
        Assert.Null(prompt[0]);
        Assert.Equal(["2000"], prompt[1]!.AsObject().Select(pair => pair.Key));
        Assert.Equal(["logprob", "rank", "decoded_token"], prompt[1]!["2000"]!.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    public async Task Tokens_AsIds_WhereAsked()
    {
        var choice = (await _simulator.AskAsync(
            "/v1/completions", """{"prompt":"a","max_tokens":2,"logprobs":0,"return_tokens_as_token_ids":true,"return_token_ids":true}"""))["choices"]![0]!;

        Assert.Equal(
            choice["token_ids"]!.AsArray().Select(id => $"token_id:{id}"), choice["logprobs"]!["tokens"]!.AsArray().Select(token => (string)token!));
    }

    [Theory]
    [InlineData("/v1/completions", """{"prompt":"a","logprobs":21}""", "logprobs", "Requested sample logprobs of 21, which is greater than max allowed: 20")]
    [InlineData("/v1/completions", """{"prompt":"a","logprobs":-1}""", "logprobs", "Requested sample logprobs of 128256, which is greater than max allowed: 20")]
    [InlineData("/v1/completions", """{"prompt":"a","logprobs":-2}""", "logprobs", "`logprobs` must be a positive value or -1.")]
    [InlineData("/v1/completions", """{"prompt":"a","stream":true,"prompt_logprobs":1}""", "prompt_logprobs", "`prompt_logprobs` are not available when `stream=True`.")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"a"}],"top_logprobs":2}""", "top_logprobs", "when using `top_logprobs`, `logprobs` must be set to true.")]
    public async Task Request_Wrong_IsToldInVllmsWords(string path, string body, string param, string message)
    {
        var error = (await _simulator.AskAsync(path, body))["error"]!;

        Assert.Equal((400, param, message), ((int)error["code"]!, (string?)error["param"], (string?)error["message"]));
    }
}
