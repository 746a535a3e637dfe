using System.Net;
using System.Text;
using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Completion_ReachesTheEngineAsSentAndComesBackAsAnswered()
    {
        const string Answer = """{"id":"cmpl-1","choices":[{"text":"été"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}""";
        await using var engine = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Answer);
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);
        const string Body = """{ "model":"test-model",  "prompt":"hé\u00e9", "unknown":[1,{"a":null}] }""";

        var response = await router.CompleteAsync(Body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Answer, await response.Content.ReadAsStringAsync());
        var request = Assert.Single(engine.Received);
        Assert.Equal(("POST", "/v1/completions", Body), (request.Method, request.Path, request.Text));
        Assert.Equal(engine.Url, Assert.Single(response.Headers.GetValues("x-llmd-endpoint")));
        var id = Assert.Single(response.Headers.GetValues("x-request-id"));
        Assert.Matches("^cmpl-[A-Za-z0-9]{24}$", id);
        Assert.Equal(id, request.Headers["x-request-id"]);
    }

    [Fact]
    public async Task Stream_PassesByteByByteAsTheEngineSendsIt()
    {
        var steps = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        string[] events = [.. Enumerable.Range(0, 5).Select(i => $"data: {{\"choices\":[{{\"text\":\"tok{i} é\"}}]}}\n\n")];
        await using var engine = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            for (var i = 0; i < events.Length; i++)
            {
                await context.Response.WriteAsync(events[i]);
                await context.Response.Body.FlushAsync();
                // The next event is sent only once the client has this one: nothing may sit in a buffer.
                await steps[i].Task;
            }

            await context.Response.WriteAsync("data: [DONE]\n\n");
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);

        using var response = await router.StreamAsync();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        await using var stream = await response.Content.ReadAsStreamAsync();
        for (var i = 0; i < events.Length; i++)
        {
            Assert.Equal(events[i], await ReadExactlyAsync(stream, Encoding.UTF8.GetByteCount(events[i])));
            steps[i].SetResult();
        }

        Assert.Equal("data: [DONE]\n\n", await new StreamReader(stream).ReadToEndAsync());
    }

    [Fact]
    public async Task LargeBody_InChunks_ArrivesWhole()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        var body = JsonSerializer.Serialize(new { model = "test-model", prompt = new string('x', 5_000_000) });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(body) };
        request.Headers.TransferEncodingChunked = true;

        var response = await router.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, Assert.Single(engine.Received).Text);
    }

    [Fact]
    public async Task Headers_OfRoutingAndHops_DoNotLeak_AndOthersPass()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url + "@3");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent("""{"kv_transfer_params":{"remote_host":"evil"},"prompt":"x"}""") };
        request.Content.Headers.ContentType = null;
        request.Headers.Add("X-data-parallel-rank", "7");
        request.Headers.Add("x-prefiller-host-port", "10.0.0.1:80");
        request.Headers.Add("Connection", "x-hop");
        request.Headers.Add("x-hop", "1");
        request.Headers.Add("x-session-id", "s1");
        request.Headers.Add("Authorization", "Bearer mine");
        request.Headers.Add("X-Request-Id", "my-id.1");

        var response = await router.Client.SendAsync(request);

        var seen = Assert.Single(engine.Received);
        Assert.Equal("3", seen.Headers["X-data-parallel-rank"]);
        Assert.Equal("Bearer mine", seen.Headers["Authorization"]);
        Assert.Equal("s1", seen.Headers["x-session-id"]);
        Assert.Equal("my-id.1", seen.Headers["x-request-id"]);
        Assert.Equal("application/json", seen.Headers["Content-Type"]);
        Assert.Equal(new Uri(engine.Url).Authority, seen.Headers["Host"]);
        Assert.DoesNotContain("x-prefiller-host-port", seen.Headers.Keys);
        Assert.DoesNotContain("x-hop", seen.Headers.Keys);
        Assert.Equal("x", JsonDocument.Parse(seen.Text).RootElement.GetProperty("prompt").GetString());
        Assert.DoesNotContain("evil", seen.Text);
        Assert.Equal("my-id.1", Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.Equal(engine.Url + "@3", Assert.Single(response.Headers.GetValues("x-llmd-endpoint")));
    }

    [Fact]
    public async Task Trace_OfTheClientReachesTheEngine()
    {
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        router.Client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");

        _ = await router.CompleteAsync();

        Assert.Contains(TraceId, Assert.Single(engine.Received).Headers["traceparent"]);
    }

    [Fact]
    public async Task ApiKey_ReplacesTheClientsAuthorization_AndHideEndpointHidesIt()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--api-key", "ours", "--hide-endpoint");
        router.Client.DefaultRequestHeaders.Add("Authorization", "Bearer theirs");

        var response = await router.CompleteAsync();

        Assert.Equal("Bearer ours", Assert.Single(engine.Received).Headers["Authorization"]);
        Assert.False(response.Headers.Contains("x-llmd-endpoint"));
    }

    [Fact]
    public async Task ClientThatLeaves_EndsTheEnginesWorkAndTheLoad()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
            left.SetResult();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);

        var response = await router.StreamAsync();
        _ = await ReadExactlyAsync(await response.Content.ReadAsStreamAsync(), 9);
        Assert.Equal(1, (await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("load").GetInt32());
        response.Dispose();

        await left.Task;
        await RunningRouter.UntilAsync(async () => (await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("load").GetInt32() == 0);
    }

    [Fact]
    public async Task RoundRobin_TakesWorkersInTurn()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var third = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(first.Url, second.Url, third.Url);

        var served = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            using var response = await router.CompleteAsync();
            served.Add(response.Headers.GetValues("x-llmd-endpoint").Single());
        }

        Assert.Equal([first.Url, second.Url, third.Url, first.Url, second.Url, third.Url], served);
    }

    [Fact]
    public async Task UnknownPath_IsForwardedWhenTheProxyIsTransparent()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);

        var response = await router.CompleteAsync("""{"prompt":"x"}""", "/tokenize?a=b");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("/tokenize?a=b", Assert.Single(engine.Received).Path);
    }

    private static async Task<string> ReadExactlyAsync(Stream stream, int count)
    {
        var buffer = new byte[count];
        await stream.ReadExactlyAsync(buffer);
        return Encoding.UTF8.GetString(buffer);
    }
}
