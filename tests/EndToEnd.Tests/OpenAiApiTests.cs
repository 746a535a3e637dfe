using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>A client of the running stack: requests travel through the router to an engine and back.</summary>
[Collection(nameof(StackFixture))]
public sealed class OpenAiApiTests(StackFixture stack)
{
    [Fact]
    public async Task Models_ListsTheModel()
    {
        var models = await stack.Router.GetFromJsonAsync<JsonNode>("/v1/models");

        Assert.Equal(StackFixture.Model, (string?)models!["data"]![0]!["id"]);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":"Qwen/Qwen3-0.6B","prompt":"Hello","max_tokens":5}""", "text_completion")]
    [InlineData("/v1/chat/completions", """{"model":"Qwen/Qwen3-0.6B","messages":[{"role":"user","content":"Hello"}],"max_tokens":5}""", "chat.completion")]
    public async Task Completion_ComesBackWhole_AndSaysWhoAnswered(string path, string body, string kind)
    {
        using var response = await stack.Router.PostAsync(path, Json(body));
        var answer = await response.Content.ReadFromJsonAsync<JsonNode>();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(kind, (string?)answer!["object"]);
        Assert.Equal(5, (int)answer["usage"]!["completion_tokens"]!);
        Assert.NotEmpty(response.Headers.GetValues("x-request-id").Single());
        Assert.StartsWith("http://127.0.0.1:", response.Headers.GetValues("x-llmd-endpoint").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":"Qwen/Qwen3-0.6B","prompt":"Hello","max_tokens":5,"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("/v1/chat/completions", """{"model":"Qwen/Qwen3-0.6B","messages":[{"role":"user","content":"Hello"}],"max_tokens":5,"stream":true,"stream_options":{"include_usage":true}}""")]
    public async Task Stream_EndsWithUsageAndDone(string path, string body)
    {
        using var response = await stack.Router.PostAsync(path, Json(body));
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.All(events, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Equal(5, (int)JsonNode.Parse(events[^2]["data: ".Length..])!["usage"]!["completion_tokens"]!);
    }

    [Theory]
    [InlineData("""{"model":"Qwen/Qwen3-0.6B","prompt":""", 400)]
    [InlineData("""{"model":"no-such-model","prompt":"Hello"}""", 404)]
    public async Task Mistake_IsAnsweredInOpenAiShape(string body, int status)
    {
        using var response = await stack.Router.PostAsync("/v1/completions", Json(body));
        var error = (await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!;

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status, (int)error["code"]!);
        Assert.NotEmpty((string)error["message"]!);
    }

    [Fact]
    public async Task DashboardPage_ShowsTheRequest()
    {
        using var response = await stack.Router.PostAsync("/v1/completions", Json("""{"model":"Qwen/Qwen3-0.6B","prompt":"Hello","max_tokens":1}"""));
        var id = response.Headers.GetValues("x-request-id").Single();
        using var dashboard = stack.App.CreateHttpClient("dashboard");

        await Eventually.TrueAsync(async () => (await dashboard.GetStringAsync("/")).Contains(id, StringComparison.Ordinal), "the page shows the request");
    }

    [Theory]
    [InlineData("router")]
    [InlineData("dashboard")]
    [InlineData("epp")]
    [InlineData("kv-indexer")]
    [InlineData("decode-0")]
    public async Task Metrics_AreReadByPromtool(string resource)
    {
        if (Promtool.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        using var client = stack.App.CreateHttpClient(resource);
        Assert.Null(await Promtool.FindParseErrorAsync(await client.GetStringAsync("/metrics")));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
