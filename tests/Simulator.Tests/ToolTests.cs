using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Calls of tools and answers of a given form: always valid, always the same.</summary>
public sealed class ToolTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";
    private const string Weather = """{"type":"function","function":{"name":"weather","description":"Weather of a place","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":7},"unit":{"enum":["C","F"]}},"required":["city","days"]}}}""";
    private const string Clock = """{"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}""";

    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData("\"required\"", "tool_calls", "")]
    [InlineData("\"auto\"", "tool_calls", null)]
    [InlineData("""{"type":"function","function":{"name":"weather"}}""", "stop", "")]
    public async Task Call_WholeOrStreamed_IsTheSameAndValid(string choice, string finish, string? content)
    {
        await using var peer = KvEventsPeer.Start();
        var body = Body(choice);
        var whole = (await _simulator.AskAsync(Path, body.ToJsonString()))["choices"]![0]!;
        body["stream"] = true;
        var chunks = (await _simulator.StreamAsync(Path, body.ToJsonString())).SkipLast(1).Select(data => JsonNode.Parse(data)!["choices"]![0]!).ToArray();
        var calls = whole["message"]!["tool_calls"]!.AsArray();
        var deltas = chunks.SelectMany(chunk => chunk["delta"]!["tool_calls"]?.AsArray() ?? []).ToArray();

        Assert.Equal((finish, content), ((string?)whole["finish_reason"], (string?)whole["message"]!["content"]));
        Assert.NotEmpty(calls);
        for (var i = 0; i < calls.Count; i++)
        {
            var own = deltas.Where(delta => (int)delta!["index"]! == i).ToArray();
            Assert.Equal("function", (string?)calls[i]!["type"]);
            Assert.Equal((string?)calls[i]!["id"], (string?)own[0]!["id"]);
            Assert.Equal((string?)calls[i]!["function"]!["name"], (string?)own[0]!["function"]!["name"]);
            Assert.All(own[1..], delta => Assert.Equal(["index", "function"], delta!.AsObject().Select(pair => pair.Key)));
            Assert.Equal((string?)calls[i]!["function"]!["arguments"], string.Concat(own.Select(delta => (string?)delta!["function"]!["arguments"])));
            var tool = ((string?)calls[i]!["function"]!["name"]) == "weather" ? Weather : Clock;
            await peer.ValidateAsync(JsonNode.Parse(tool)!["function"]!["parameters"]!, JsonNode.Parse((string)calls[i]!["function"]!["arguments"]!));
        }

        Assert.Equal(finish, (string?)chunks[^1]["finish_reason"]);
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["finish_reason"]));
        Assert.Equal("assistant", (string?)chunks[0]["delta"]!["role"]);
    }

    [Fact]
    public async Task Model_GivenAResult_SpeaksAgain()
    {
        var body = Body("\"auto\"");
        body["messages"]!.AsArray().Add(JsonNode.Parse("""{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"clock","arguments":"{}"}}]}"""));
        body["messages"]!.AsArray().Add(JsonNode.Parse("""{"role":"tool","tool_call_id":"1","content":"noon"}"""));
        var choice = (await _simulator.AskAsync(Path, body.ToJsonString()))["choices"]![0]!;

        Assert.Empty(choice["message"]!["tool_calls"]!.AsArray());
        Assert.NotEmpty((string)choice["message"]!["content"]!);
    }

    [Fact]
    public async Task Call_CutShort_IsText()
    {
        var body = Body("\"required\"");
        body["max_tokens"] = 3;
        var choice = (await _simulator.AskAsync(Path, body.ToJsonString()))["choices"]![0]!;

        Assert.Equal("length", (string?)choice["finish_reason"]);
        Assert.Empty(choice["message"]!["tool_calls"]!.AsArray());
        Assert.StartsWith("[{", (string?)choice["message"]!["content"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tools":[]}""", "tools")]
    [InlineData("""{"tools":{}}""", "tools")]
    [InlineData("""{"tools":[{"type":"function"}]}""", "tools.0.function")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a","parameters":3}}]}""", "tools.0.function.parameters")]
    [InlineData("""{"tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":"always"}""", "tool_choice")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{}}""", "tool_choice.function")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"function":{}}}""", "tool_choice.function.name")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"function":{"name":"b"}}}""", "tool_choice")]
    [InlineData("""{"response_format":{"type":"yaml"}}""", "response_format.type")]
    [InlineData("""{"response_format":{"type":"json_schema"}}""", "response_format")]
    [InlineData("""{"structured_outputs":{"choice":["a"],"json":{}}}""", "structured_outputs")]
    [InlineData("""{"structured_outputs":{"regex":"a+"}}""", "structured_outputs")]
    [InlineData("""{"add_generation_prompt":true,"continue_final_message":true}""", "continue_final_message")]
    public async Task Request_Wrong_IsNamed(string fields, string param)
    {
        var body = JsonNode.Parse(fields)!.AsObject();
        body["messages"] = JsonNode.Parse("""[{"role":"user","content":"Hi"}]""");
        var error = (await _simulator.AskAsync(Path, body.ToJsonString()))["error"]!;

        Assert.Equal((400, param), ((int)error["code"]!, (string?)error["param"]));
    }

    [Fact]
    public async Task Auto_WhereTheServerIsToldSo_IsRefusedInVllmsWords()
    {
        await using var strict = await RunningSimulator.StartAsync("--enable-auto-tool-choice", "false");
        var error = (await strict.AskAsync(Path, Body("\"auto\"").ToJsonString()))["error"]!;

        Assert.Equal("\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set", (string?)error["message"]);
    }

    [Fact]
    public async Task JsonObject_IsAnObject_AndAChoiceIsOneOfThem()
    {
        var json = await ContentAsync("""{"response_format":{"type":"json_object"}}""");
        var choice = await ContentAsync("""{"structured_outputs":{"choice":["red","green"]}}""");

        Assert.NotEmpty(JsonNode.Parse(json)!.AsObject());
        Assert.Contains(choice, new[] { "red", "green" });
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","minimum":3,"exclusiveMaximum":5},"b":{"type":"number","multipleOf":0.5,"minimum":1},"c":{"type":["null","string"]},"d":{"const":{"x":1}}},"required":["a","b","c","d"],"additionalProperties":false}""")]
    [InlineData("""{"type":"array","items":{"type":"string","minLength":30,"maxLength":40},"minItems":2,"maxItems":4}""")]
    [InlineData("""{"$defs":{"node":{"type":"object","properties":{"value":{"type":"boolean"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["value","next"]}},"$ref":"#/$defs/node"}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"enum":[1,2]}},"required":["b"]}]}""")]
    [InlineData("""{"type":"object","minProperties":3,"additionalProperties":{"type":"integer"}}""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"minItems":2,"items":{"type":"boolean"}}""")]
    [InlineData("""{"type":"object","properties":{"day":{"type":"string","format":"date"},"id":{"type":"string","format":"uuid"},"mail":{"type":"string","format":"email"}},"required":["day","id","mail"]}""")]
    [InlineData("""{"type":"integer","maximum":-5}""")]
    [InlineData("{}")]
    public async Task JsonSchema_IsKept_WhateverThePrompt(string schema)
    {
        await using var peer = KvEventsPeer.Start();
        for (var i = 0; i < 8; i++)
        {
            var content = await ContentAsync(Format(schema), $"Question {i}");
            await peer.ValidateAsync(JsonNode.Parse(schema)!, JsonNode.Parse(content));
        }
    }

    [Theory]
    [InlineData("""{"type":"array","minItems":1000000,"items":{"type":"array","minItems":1000000,"items":{"type":"string","minLength":1000000}}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"},"d":{"$ref":"#"},"e":{"$ref":"#"},"f":{"$ref":"#"},"g":{"$ref":"#"},"h":{"$ref":"#"},"i":{"$ref":"#"},"j":{"$ref":"#"}},"required":["a","b","c","d","e","f","g","h","i","j"]}""")]
    [InlineData("""{"type":"object","additionalProperties":{"$ref":"#"},"required":["a","b","c","d","e","f","g","h","i","j"]}""")]
    [InlineData("""{"type":"object","minProperties":64,"additionalProperties":{"$ref":"#"}}""")]
    public async Task JsonSchema_ThatAsksForTheMoon_StaysSmall(string schema)
    {
        var content = await ContentAsync(Format(schema));

        Assert.True(Encoding.UTF8.GetByteCount(content) < 64 * 1024);
    }

    [Theory]
    [InlineData("""{"type":"number","minimum":1e308}""")]
    [InlineData("""{"type":"number","maximum":-1e308,"multipleOf":1e308}""")]
    [InlineData("""{"type":"number","exclusiveMinimum":1.7e308,"multipleOf":1e308}""")]
    [InlineData("""{"type":"number","minimum":1,"multipleOf":1e-320}""")]
    [InlineData("""{"type":"integer","minimum":1e308}""")]
    public async Task JsonSchema_WithNumbersAtTheEndOfTheirRange_StillGivesANumber(string schema) =>
        Assert.Equal(JsonValueKind.Number, JsonNode.Parse(await ContentAsync(Format(schema)))!.GetValueKind());

    [Fact]
    public async Task PlannedTexts_ThatComeToTooMuchTogether_AreRefused()
    {
        var body = JsonNode.Parse(Format("""{"type":"string","minLength":4096}"""))!.AsObject();
        body["prompt"] = new JsonArray([.. Enumerable.Range(0, 1500).Select(_ => (JsonNode)"a")]);
        var error = (await _simulator.AskAsync("/v1/completions", body.ToJsonString()))["error"];

        Assert.Contains("MiB", (string?)error?["message"], StringComparison.Ordinal);
    }

    private static string Format(string schema) =>
        new JsonObject { ["response_format"] = new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "s", ["schema"] = JsonNode.Parse(schema) } } }.ToJsonString();

    private async Task<string> ContentAsync(string fields, string question = "Hi")
    {
        var body = JsonNode.Parse(fields)!.AsObject();
        body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question });
        var answer = await _simulator.AskAsync(Path, body.ToJsonString());
        Assert.True(answer["error"] is null, answer.ToJsonString());
        return (string)answer["choices"]![0]!["message"]!["content"]!;
    }

    private static JsonObject Body(string choice) => JsonNode.Parse(
        $$"""{"messages":[{"role":"user","content":"What is the weather?"}],"tools":[{{Weather}},{{Clock}}],"tool_choice":{{choice}}}""")!.AsObject();
}
