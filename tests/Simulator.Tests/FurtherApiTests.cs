using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Embeddings, token-in token-out, render, Responses and Messages.</summary>
public sealed class FurtherApiTests : IAsyncLifetime
{
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData("\"one\"", 1)]
    [InlineData("[\"one\",\"two\"]", 2)]
    [InlineData("[1,2,3]", 1)]
    [InlineData("[[1,2],[3]]", 2)]
    public async Task Embeddings_EveryForm_GiveVectorsOfLengthOne(string input, int count)
    {
        var floats = await _simulator.AskAsync("/v1/embeddings", $$"""{"input":{{input}},"dimensions":64}""");
        var base64 = await _simulator.AskAsync("/v1/embeddings", $$"""{"input":{{input}},"dimensions":64,"encoding_format":"base64"}""");
        var data = floats["data"]!.AsArray();

        Assert.Equal(["id", "object", "created", "model", "data", "usage"], floats.AsObject().Select(pair => pair.Key));
        Assert.StartsWith("embd-", (string?)floats["id"], StringComparison.Ordinal);
        Assert.Equal(count, data.Count);
        Assert.Equal(0, (int)floats["usage"]!["completion_tokens"]!);
        for (var i = 0; i < count; i++)
        {
            float[] vector = [.. data[i]!["embedding"]!.AsArray().Select(number => (float)number!)];
            Assert.Equal(["index", "object", "embedding"], data[i]!.AsObject().Select(pair => pair.Key));
            Assert.Equal(64, vector.Length);
            Assert.Equal(1, vector.Sum(number => number * number), 0.001);
            var bytes = Convert.FromBase64String((string)base64["data"]![i]!["embedding"]!);
            Assert.Equal(vector, Enumerable.Range(0, 64).Select(index => BitConverter.ToSingle(bytes, index * 4)));
        }
    }

    [Theory]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", "encoding_format")]
    [InlineData("""{"input":"a","dimensions":0}""", "dimensions")]
    [InlineData("""{"input":[999999]}""", "input")]
    public async Task Embeddings_Wrong_AreNamed(string body, string param)
    {
        Assert.Equal(param, (string?)(await _simulator.AskAsync("/v1/embeddings", body))["error"]!["param"]);
    }

    [Fact]
    public async Task Render_OfAChat_GivesWhatGenerateTakes_AndTheSameText()
    {
        const string Chat = """{"messages":[{"role":"user","content":"Tell me"}],"max_tokens":12,"seed":3,"return_token_ids":true}""";
        var rendered = await _simulator.AskAsync("/v1/chat/completions/render", Chat);
        var generated = await _simulator.AskAsync("/inference/v1/generate", rendered.ToJsonString());
        var answer = await _simulator.AskAsync("/v1/chat/completions", Chat);
        var tokens = await _simulator.AskAsync("/tokenize", Chat);

        Assert.Equal(
            ["request_id", "token_ids", "features", "sampling_params", "model", "stream", "stream_options", "cache_salt", "priority", "kv_transfer_params"],
            rendered.AsObject().Select(pair => pair.Key));
        Assert.Equal(tokens["tokens"]!.ToJsonString(), rendered["token_ids"]!.ToJsonString());
        Assert.Equal(["request_id", "model", "created", "choices", "usage", "prompt_logprobs", "kv_transfer_params"], generated.AsObject().Select(pair => pair.Key));
        Assert.Equal(answer["usage"]!.ToJsonString(), generated["usage"]!.ToJsonString());
        Assert.Equal(12, generated["choices"]![0]!["token_ids"]!.AsArray().Count);
    }

    [Fact]
    public async Task Render_OfACompletion_IsAListWithEachPrompt()
    {
        var rendered = (await _simulator.AskAsync("/v1/completions/render", """{"prompt":[[1,2],[3,4,5]],"max_tokens":7}""")).AsArray();

        Assert.Equal(["[1,2]", "[3,4,5]"], rendered.Select(request => request!["token_ids"]!.ToJsonString()));
        Assert.Equal(7, (int)rendered[0]!["sampling_params"]!["max_tokens"]!);
    }

    [Fact]
    public async Task Render_OfACutPrompt_LeavesTheAnswerTheRoomThatTheCutMakes()
    {
        const string Chat = """{"messages":[{"role":"user","content":"Tell me"}]""";
        var whole = await _simulator.AskAsync("/v1/chat/completions/render", Chat + "}");
        var cut = await _simulator.AskAsync("/v1/chat/completions/render", Chat + ""","truncate_prompt_tokens":2}""");

        Assert.Equal(2, cut["token_ids"]!.AsArray().Count);
        Assert.Equal(Room(whole) + whole["token_ids"]!.AsArray().Count - 2, Room(cut));

        static int Room(JsonNode rendered) => (int)rendered["sampling_params"]!["max_tokens"]!;
    }

    [Fact]
    public async Task Generate_Streamed_GivesTheSameTokens()
    {
        const string Body = """{"token_ids":[5,6,7],"sampling_params":{"max_tokens":9,"logprobs":1}""";
        var whole = (await _simulator.AskAsync("/inference/v1/generate", Body + "}"))["choices"]![0]!;
        var chunks = await _simulator.StreamAsync("/inference/v1/generate", Body + ""","stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", chunks[^1]);
        Assert.Equal(9, (int)JsonNode.Parse(chunks[^2])!["usage"]!["completion_tokens"]!);
        Assert.Equal(
            whole["token_ids"]!.AsArray().Select(id => (int)id!),
            chunks.SkipLast(2).SelectMany(data => JsonNode.Parse(data)!["choices"]![0]!["token_ids"]!.AsArray()).Select(id => (int)id!));
        Assert.StartsWith("token_id:", (string?)whole["logprobs"]!["content"]![0]!["token"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"token_ids":[1]}""", "sampling_params")]
    [InlineData("""{"token_ids":[],"sampling_params":{}}""", "token_ids")]
    [InlineData("""{"token_ids":"a","sampling_params":{}}""", "token_ids")]
    [InlineData("""{"token_ids":[[1]],"sampling_params":{}}""", "token_ids")]
    [InlineData("""{"token_ids":[-1],"sampling_params":{}}""", "token_ids")]
    [InlineData("""{"token_ids":[1],"sampling_params":{"n":"x"}}""", "sampling_params.n")]
    public async Task Generate_Wrong_IsNamed(string body, string param)
    {
        Assert.Equal(param, (string?)(await _simulator.AskAsync("/inference/v1/generate", body))["error"]!["param"]);
    }

    [Fact]
    public async Task Response_WholeAndStreamed_TellTheSame()
    {
        const string Body = """{"input":"Tell me","max_output_tokens":10""";
        var whole = await _simulator.AskAsync("/v1/responses", Body + "}");
        var events = await _simulator.EventsAsync("/v1/responses", Body + ""","stream":true}""");
        var text = (string)whole["output"]![0]!["content"]![0]!["text"]!;

        Assert.Equal(("response", "incomplete", "max_output_tokens"), ((string?)whole["object"], (string?)whole["status"], (string?)whole["incomplete_details"]!["reason"]));
        Assert.Equal(10, (int)whole["usage"]!["output_tokens"]!);
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"], events.Take(4).Select(item => item.Event));
        Assert.Equal(
            ["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"], events.TakeLast(4).Select(item => item.Event));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(item => (int)item.Data["sequence_number"]!));
        Assert.All(events, item => Assert.Equal(item.Event, (string?)item.Data["type"]));
        Assert.Equal(text, string.Concat(events.Where(item => item.Event == "response.output_text.delta").Select(item => (string?)item.Data["delta"])));
        Assert.Equal(text, (string?)events[^1].Data["response"]!["output"]![0]!["content"]![0]!["text"]);
    }

    [Fact]
    public async Task Response_CallsAFunction_AndReadsItsOutput()
    {
        const string Tools = """ "tools":[{"type":"function","name":"clock","parameters":{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}}] """;
        var called = await _simulator.AskAsync("/v1/responses", $$"""{"input":"What time is it?",{{Tools}}}""");
        var events = await _simulator.EventsAsync("/v1/responses", $$"""{"input":"What time is it?",{{Tools}},"stream":true}""");
        var call = called["output"]![0]!;
        var answered = await _simulator.AskAsync(
            "/v1/responses",
            $$"""{"input":[{"role":"user","content":[{"type":"input_text","text":"What time is it?"}]},{{call.ToJsonString()}},{"type":"function_call_output","call_id":"x","output":"noon"}],{{Tools}}}""");

        Assert.Equal(("function_call", "clock", "completed"), ((string?)call["type"], (string?)call["name"], (string?)call["status"]));
        Assert.NotNull(JsonNode.Parse((string)call["arguments"]!)!["zone"]);
        Assert.Equal((string?)call["arguments"], (string?)events.Single(item => item.Event == "response.function_call_arguments.done").Data["arguments"]);
        Assert.Equal("message", (string?)answered["output"]![0]!["type"]);
    }

    [Theory]
    [InlineData("POST", "/v1/responses", """{}""", 400)]
    [InlineData("POST", "/v1/responses", """{"input":[{"type":"picture"}]}""", 400)]
    [InlineData("POST", "/v1/responses", """{"input":"a","previous_response_id":"resp_1"}""", 404)]
    [InlineData("POST", "/v1/responses", """{"input":"a","background":true}""", 400)]
    [InlineData("POST", "/v1/responses", """{"input":"a","model":"x"}""", 404)]
    [InlineData("GET", "/v1/responses/resp_1", "", 404)]
    [InlineData("POST", "/v1/responses/resp_1/cancel", "{}", 404)]
    [InlineData("POST", "/v1/messages", """{"model":"x","max_tokens":1,"messages":[{"role":"user","content":"a"}]}""", 404)]
    [InlineData("POST", "/v1/messages", """{"messages":[]}""", 400)]
    [InlineData("POST", "/v1/messages", """{"model":"m","messages":[]}""", 400)]
    [InlineData("POST", "/v1/messages", """{"model":"m","max_tokens":0,"messages":[]}""", 400)]
    public async Task Request_Wrong_GetsItsStatus(string method, string path, string body, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" ? new StringContent(body, System.Text.Encoding.UTF8, "application/json") : null;
        using var response = await _simulator.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotNull(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["message"]);
    }

    [Fact]
    public async Task Messages_WholeAndStreamed_TellTheSame()
    {
        var body = $$"""{"model":"{{RunningSimulator.Model}}","max_tokens":8,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]""";
        var whole = await _simulator.AskAsync("/v1/messages", body + "}");
        var events = await _simulator.EventsAsync("/v1/messages", body + ""","stream":true}""");
        var counted = await _simulator.AskAsync("/v1/messages/count_tokens", body + "}");

        Assert.Equal(("message", "assistant", "max_tokens"), ((string?)whole["type"], (string?)whole["role"], (string?)whole["stop_reason"]));
        Assert.Equal((int)whole["usage"]!["input_tokens"]!, (int)counted["input_tokens"]!);
        Assert.Equal("message_start", events[0].Event);
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], events.TakeLast(3).Select(item => item.Event));
        Assert.Equal(
            (string?)whole["content"]![0]!["text"],
            string.Concat(events.Where(item => item.Event == "content_block_delta").Select(item => (string?)item.Data["delta"]!["text"])));
        Assert.Equal("max_tokens", (string?)events[^2].Data["delta"]!["stop_reason"]);
        Assert.Equal(8, (int)events[^2].Data["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task Messages_UseATool_WholeAndStreamed()
    {
        var body = $$$"""{"model":"{{{RunningSimulator.Model}}}","max_tokens":200,"messages":[{"role":"user","content":"Time?"}],"tool_choice":{"type":"any"},"tools":[{"name":"clock","input_schema":{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}}]""";
        var whole = await _simulator.AskAsync("/v1/messages", body + "}");
        var events = await _simulator.EventsAsync("/v1/messages", body + ""","stream":true}""");

        Assert.Equal(("tool_use", "clock", "tool_use"), ((string?)whole["content"]![0]!["type"], (string?)whole["content"]![0]!["name"], (string?)whole["stop_reason"]));
        Assert.Equal(
            whole["content"]![0]!["input"]!.ToJsonString(),
            string.Concat(events.Where(item => item.Event == "content_block_delta").Select(item => (string?)item.Data["delta"]!["partial_json"])));
        Assert.Equal("tool_use", (string?)events[^2].Data["delta"]!["stop_reason"]);
    }
}
