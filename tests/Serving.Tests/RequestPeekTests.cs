using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.Tests;

public sealed class RequestPeekTests
{
    [Fact]
    public void ChatRequest_IsPeekedWhole()
    {
        const string Body = """{"messages":[{"role":"user","content":"hi"}],"model":"m","stream":true,"max_tokens":5,"max_completion_tokens":7,"cache_salt":"s","user":"u","session_params":{"session_id":"sp"}}""";

        var peek = Peek(Body);

        Assert.Equal(("m", true, 7, "s", "sp", PromptKind.Messages), (peek.Model, peek.Stream, peek.MaxTokens, peek.CacheSalt, peek.SessionKey, peek.PromptKind));
        Assert.Equal("""[{"role":"user","content":"hi"}]""", Text(Body, peek.Prompt));
    }

    [Theory]
    [InlineData("""{"prompt":"a \"quoted\" \u00e9"}""", PromptKind.Text, """
        "a \"quoted\" \u00e9"
        """)]
    [InlineData("""{"prompt":[1, 2,3]}""", PromptKind.TokenIds, "[1, 2,3]")]
    [InlineData("""{"prompt":["a","b"]}""", PromptKind.Other, """["a","b"]""")]
    [InlineData("""{"prompt":[[1],[2]]}""", PromptKind.Other, "[[1],[2]]")]
    [InlineData("""{"prompt":[1,"a"]}""", PromptKind.Other, """[1,"a"]""")]
    [InlineData("""{"prompt":[]}""", PromptKind.Other, "[]")]
    [InlineData("""{"input":"x"}""", PromptKind.Text, "\"x\"")]
    [InlineData("""{"prompt":null}""", PromptKind.None, "")]
    public void Prompt_IsFoundInEveryForm(string body, PromptKind kind, string span)
    {
        var peek = Peek(body);

        Assert.Equal((kind, span), (peek.PromptKind, Text(body, peek.Prompt)));
    }

    [Fact]
    public void WhatAChatTemplateSees_IsFound()
    {
        const string Body = """{"tools": [1],"messages":[{"role":"user","tools":2}],"chat_template":null,"chat_template_kwargs":{"a":1},"model":"m","add_generation_prompt":false}""";

        Assert.Equal(["\"tools\": [1]", "\"chat_template_kwargs\":{\"a\":1}", "\"add_generation_prompt\":false"], Peek(Body).TemplateMembers!.Select(member => Text(Body, member)));
        Assert.Null(Peek("""{"model":"m","messages":[]}""").TemplateMembers);
    }

    [Fact]
    public void KeysInsideThePrompt_AreNotTheRequests()
    {
        var peek = Peek("""{"prompt":"{\"user\":\"fake\",\"model\":\"fake\"}","nested":{"user":"fake","model":"fake","kv_transfer_params":1},"model":"real"}""");

        Assert.Equal(("real", null, false), (peek.Model, peek.SessionKey, peek.HasKvTransferParams));
    }

    [Theory]
    [InlineData("""{"user_id":"d","session_id":"c","user":"b","session_params":{"x":[1],"session_id":"a"}}""", "a", false)]
    [InlineData("""{"user_id":"d","session_id":"c","user":"b","session_params":{"session_id":""}}""", "b", true)]
    [InlineData("""{"user_id":"d","session_id":"c","user":null}""", "c", false)]
    [InlineData("""{"user_id":"d","session_id":{"user":"x"}}""", "d", true)]
    [InlineData("""{"session_id":42}""", "42", false)]
    [InlineData("""{"user":["a"]}""", null, false)]
    public void SessionKey_IsTheFirstThatNamesOne(string body, string? key, bool isUser)
    {
        var peek = Peek(body);

        Assert.Equal((key, isUser), (peek.SessionKey, peek.SessionKeyNamesUser));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{", "line 1")]
    [InlineData("{\n\"a\": tru }", "line 2")]
    [InlineData("[]", "JSON object")]
    [InlineData("\"text\"", "JSON object")]
    [InlineData("{}{}", "line 1, byte 3")]
    [InlineData("{\"model\":[1]}", "`model` must be a string")]
    [InlineData("{\"model\":\"\\ud800\"}", "Unicode")]
    public void WrongBody_IsRefusedWithItsPlace(string body, string expected)
    {
        Assert.False(RequestPeeker.TryPeek(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), out _, out var error));
        Assert.Equal(400, error!.Status);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void AnyBytes_CutAnywhere_AreReadLikeADocumentReadsThem()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(RandomBody(random));
            for (var damage = random.Next(4); damage > 0 && round % 2 == 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var whole = RequestPeeker.TryPeek(new ReadOnlySequence<byte>(bytes), out var peek, out var error);
            var cut = RequestPeeker.TryPeek(Segments.Split(bytes, random), out var cutPeek, out _);

            Assert.Equal(whole, cut);
            Assert.Equal(whole, error is null);
            if (whole)
            {
                Assert.Equal((peek.Model, peek.Stream, peek.MaxTokens, peek.Prompt, peek.PromptKind), (cutPeek.Model, cutPeek.Stream, cutPeek.MaxTokens, cutPeek.Prompt, cutPeek.PromptKind));
                AssertAgrees(bytes, peek);
            }
        }
    }

    private static void AssertAgrees(byte[] bytes, RequestPeek peek)
    {
        // Damage inside a string may leave it no UTF-8; a document takes it, so compare only what both read.
        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 256 });
        var root = document.RootElement;
        var model = root.TryGetProperty("model", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        Assert.Equal(model, peek.Model);
        Assert.Equal(root.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True, peek.Stream);
    }

    private static string RandomBody(Random random)
    {
        string[] names = ["model", "stream", "prompt", "messages", "max_tokens", "user", "other", "kv_transfer_params", "session_params", "cache_salt"];
        var body = new JsonObject();
        foreach (var name in names)
        {
            if (random.Next(2) == 0)
            {
                body[name] = name == "model" ? "m" + random.Next(10) : RandomValue(random, 3);
            }
        }

        return body.ToJsonString(new JsonSerializerOptions { WriteIndented = random.Next(2) == 0 });
    }

    private static JsonNode? RandomValue(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(100000),
        3 => "text é \" " + new string('x', random.Next(40)),
        4 => random.NextDouble(),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => new JsonObject([new("session_id", RandomValue(random, depth - 1)), new("b", RandomValue(random, depth - 1))]),
    };

    private static RequestPeek Peek(string body)
    {
        Assert.True(RequestPeeker.TryPeek(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), out var peek, out var error), error?.Message);
        return peek;
    }

    private static string Text(string body, ByteRange range) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(body).AsSpan((int)range.Start, (int)range.Length));
}
