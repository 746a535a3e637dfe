using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmdAspire.Dashboard.Tests.Fakes;

namespace LlmdAspire.Dashboard.Tests.Http;

public sealed class SendTests
{
    [Fact]
    public async Task Send_GoesThroughTheRouter_AndBringsBackItsStreamAndHeaders()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await stack.Client.PostAsJsonAsync("/api/send", new { model = "demo/model", prompt = "hi", max_tokens = 9 });
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(stack.Engines[0].Url, Assert.Single(answer.Headers.GetValues("x-llmd-endpoint")));
        Assert.Single(answer.Headers.GetValues("x-request-id"));
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
        var sent = stack.Router.LastBody!.Value;
        Assert.Equal("hi", sent.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(9, sent.GetProperty("max_tokens").GetInt32());
        Assert.True(sent.GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
    }

    [Fact]
    public async Task Send_TravelsUnderTheIdItWasGiven()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await stack.Client.PostAsJsonAsync("/api/send", new { model = "demo/model", prompt = "hi", request_id = "play-1" });

        Assert.Equal("play-1", Assert.Single(answer.Headers.GetValues("x-request-id")));
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "prompt")]
    [InlineData("""{"model":"m","prompt":"hi","request_id":"a b"}""", "request_id")]
    [InlineData("""{"model":"m","prompt":"hi","request_id":7}""", "request_id")]
    [InlineData("""{"prompt":"hi"}""", "model")]
    [InlineData("""{"model":"m","prompt":"   "}""", "prompt")]
    [InlineData("""{"model":"m","prompt":"hi","max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"model":"m","prompt":"hi","max_tokens":100000}""", "max_tokens")]
    [InlineData("""[1]""", "model")]
    public async Task Send_OfAWrongBody_NamesTheField(string json, string field)
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await SendAsync(stack, json);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(field, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Send_OfBrokenJson_IsRefused()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await SendAsync(stack, "{");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Send_OfAHugeBody_IsRefused()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await SendAsync(stack, $$"""{"model":"m","prompt":"{{new string('x', 200_000)}}"}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Send_FromAnotherSite_IsRefused()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await SendAsync(stack, """{"model":"m","prompt":"hi"}""", origin: "http://elsewhere.example");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Null(stack.Router.LastBody);
    }

    [Fact]
    public async Task Send_WithoutTheRouter_SaysSo()
    {
        await using var stack = await Stack.WithoutRouterAsync();

        using var answer = await SendAsync(stack, """{"model":"m","prompt":"hi"}""");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("Router does not answer", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> SendAsync(Stack stack, string json, string? origin = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/send") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return stack.Client.SendAsync(request);
    }
}
