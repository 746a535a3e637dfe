using System.Net;
using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests.Sidecar;

public sealed class PassThroughTests
{
    [Fact]
    public async Task Request_AndAnswer_PassUntouched()
    {
        const string Answer = """{"id":"cmpl-1", "choices":[{"text":"été"}]}""";
        await using var engine = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 418;
            context.Response.ContentType = "application/json";
            context.Response.Headers["x-engine"] = "yes";
            return context.Response.WriteAsync(Answer);
        });
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        // No JSON at all is the engine's to refuse.
        const string Body = """{ "prompt":"hé\u00e9", "nested":{"kv_transfer_params":1}, """;

        var response = await sidecar.SendAsync(Body, "/v1/completions?a=%2Fb",
        [
            ("x-request-id", "mine"), ("X-data-parallel-rank", "3"), ("Authorization", "Bearer k"), ("x-encoder-hosts-ports", "h:1"),
            ("x-gateway-destination-endpoint", "h:2"), ("Connection", "x-hop"), ("x-hop", "1"),
        ]);

        Assert.Equal((418, Answer, "yes"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.GetValues("x-engine").Single()));
        Assert.False(response.Headers.Contains("x-llmd-endpoint"));
        var seen = Assert.Single(engine.Received);
        Assert.Equal(("/v1/completions?a=%2Fb", Body), (seen.Path, seen.Text));
        Assert.Equal(("mine", "3", "Bearer k", new Uri(engine.Url).Authority), (seen.Headers["x-request-id"], seen.Headers["X-data-parallel-rank"], seen.Headers["Authorization"], seen.Headers["Host"]));
        Assert.Empty(seen.Headers.Keys.Intersect(["x-hop", "x-encoder-hosts-ports", "x-gateway-destination-endpoint"]));
        // An engine that trusts its own machine must not trust whoever stands behind us.
        Assert.Contains("Via", seen.Headers.Keys);
    }

    [Fact]
    public async Task StopAtItsDeadline_EndsStreamsWithAnErrorEvent()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        var sidecar = await RunningSidecar.StartAsync(engine.Url, "--drain-timeout", "50ms");
        using var client = new RawClient(sidecar.Url);
        await client.SendAsync("""{"model":"test-model","prompt":"x","stream":true}""");
        var begin = await client.ReadUntilAsync("data: 1\n\n");

        await sidecar.DisposeAsync();

        Assert.StartsWith("data: 1\n\ndata: {\"error\":", RawClient.Unchunk(begin + await client.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/v1/models")]
    [InlineData("/version")]
    [InlineData("/tokenize")]
    public async Task EnginesPaths_AreTheEngines(string path)
    {
        await using var engine = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("the engine's"));
        (engine.Metrics, engine.Models) = ("the engine's", ["the engine's"]);
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        using var direct = new HttpClient { BaseAddress = new Uri(engine.Url) };

        Assert.Equal(await direct.GetStringAsync(path), await sidecar.Client.GetStringAsync(path));
    }

    [Fact]
    public async Task OwnPaths_TellOfTheSidecar_AndItsEngine()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        var metricsPort = TestPorts.Free();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--prometheus-port", $"{metricsPort}");
        using var metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{metricsPort}") };

        Assert.Equal((200, 200, 200), (await StatusAsync(sidecar.Client, "/alive"), await StatusAsync(sidecar.Client, "/readiness"), await StatusAsync(metrics, "/health")));
        _ = await sidecar.CompleteAsync();
        Assert.Contains("vllm_router_requests_total{route=\"engine\"}", await metrics.GetStringAsync("/metrics"));
        Assert.Equal(404, await StatusAsync(metrics, "/v1/models"));

        engine.Health = 503;
        Assert.Equal((200, 503, 503, 503), (await StatusAsync(sidecar.Client, "/alive"), await StatusAsync(sidecar.Client, "/readiness"), await StatusAsync(sidecar.Client, "/health"), await StatusAsync(metrics, "/health")));
    }

    [Fact]
    public async Task EngineThatIsNotThere_Gives503InOpenAisShape()
    {
        await using var sidecar = await RunningSidecar.StartAsync($"http://127.0.0.1:{TestPorts.Free()}");

        var response = await sidecar.CompleteAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(503, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("code").GetInt32());
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal((200, 503), (await StatusAsync(sidecar.Client, "/alive"), await StatusAsync(sidecar.Client, "/health")));
    }

    [Fact]
    public async Task EngineThatBreaksBeforeItsAnswer_Gives502_AndMidStreamAnErrorEvent()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            if (connection.Body.Contains("stream", StringComparison.Ordinal))
            {
                await connection.SendChunkedHeadersAsync();
                await connection.SendChunkAsync("data: 1\n\n");
            }

            connection.Reset();
        });
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);

        Assert.Equal(HttpStatusCode.BadGateway, (await sidecar.CompleteAsync()).StatusCode);
        using var client = new RawClient(sidecar.Url);
        await client.SendAsync("""{"stream":true}""");
        var stream = RawClient.Unchunk(await client.ReadToEndAsync());
        Assert.StartsWith("data: 1\n\ndata: {\"error\":{", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EngineThatFallsSilentMidStream_IsToldWithTheErrorEvent()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--request-timeout-secs", "1");

        using var client = new RawClient(sidecar.Url);
        await client.SendAsync("""{"stream":true}""");
        var stream = RawClient.Unchunk(await client.ReadToEndAsync());

        Assert.StartsWith("data: 1\n\ndata: {\"error\":{", stream, StringComparison.Ordinal);
        Assert.Contains("--request-timeout-secs", stream, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":504}}\n\n", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatLeaves_EndsTheEnginesWork()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
            left.SetResult();
        });
        var metricsPort = TestPorts.Free();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--prometheus-port", $"{metricsPort}");
        using var metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{metricsPort}") };

        var response = await sidecar.SendAsync("{}", "/v1/completions", []);
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[9]);
        response.Dispose();

        await left.Task;
        await Eventually.TrueAsync(
            async () => (await metrics.GetStringAsync("/metrics")).Contains("error_type=\"client_gone\"", StringComparison.Ordinal), "the client is said to have left");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyBeyondTheLimit_Gets413(bool announced)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--max-payload-size", "100000");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(new string(' ', 200_000)) };
        request.Headers.TransferEncodingChunked = !announced;

        var response = await sidecar.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("\"code\":413", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminPathsOfTheEngine_AreNotOpenedToOthers()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);

        Assert.Equal(HttpStatusCode.Forbidden, (await sidecar.SendAsync("{}", "/admin/config", [("X-Forwarded-For", "10.0.0.1")])).StatusCode);
        Assert.Empty(engine.Received);
    }

    private static async Task<int> StatusAsync(HttpClient client, string path) => (int)(await client.GetAsync(path)).StatusCode;
}
