using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class SurfaceTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("{\"prompt\": nope}", "line 1, byte 1")]
    [InlineData("[1,2]", "JSON object")]
    [InlineData("{\"prompt\":\"x\"} tail", "not valid JSON")]
    [InlineData("{\"model\":5}", "`model` must be a string")]
    public async Task BadBody_Is400AndNeverReachesAnEngine(string body, string expected)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);

        var response = await router.CompleteAsync(body);

        await AssertErrorAsync(response, 400, expected);
        Assert.Empty(engine.Received);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OversizedBody_Is413(bool chunked)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--max-payload-size", "1000");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(new string(' ', 2000)) };
        request.Headers.TransferEncodingChunked = chunked;

        await AssertErrorAsync(await router.Client.SendAsync(request), 413, "1000 bytes");
        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
    }

    [Theory]
    [InlineData("xyz")]
    [InlineData("FFFFFFFFFFFFFFFF")]
    public async Task ChunkOfNoSize_Is400InOpenAiShape(string size)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        using var client = new RawClient(router.Url);

        await client.SayAsync($"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n");
        var answer = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":400", answer, StringComparison.Ordinal);
        Assert.Empty(engine.Received);
    }

    [Fact]
    public async Task UnknownModel_Is404ThatNamesTheModelsServed()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);

        await AssertErrorAsync(await router.CompleteAsync("""{"model":"other","prompt":"x"}"""), 404, "test-model");
        Assert.Empty(engine.Received);
    }

    [Fact]
    public async Task ModelOfOneWorkerOnly_GoesThere()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        second.Models = ["test-model", "adapter"];
        await using var router = await RunningRouter.StartAsync(first.Url, second.Url);

        for (var i = 0; i < 4; i++)
        {
            var response = await router.CompleteAsync("""{"model":"adapter","prompt":"x"}""");
            Assert.Equal(second.Url, response.Headers.GetValues("x-llmd-endpoint").Single());
        }
    }

    [Fact]
    public async Task EngineThatDoesNotListModels_GetsAnyModel()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        engine.Models = null;
        await using var router = await RunningRouter.StartAsync(engine.Url);

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync("""{"model":"any","prompt":"x"}""")).StatusCode);
    }

    [Fact]
    public async Task WrongMethodAndUnknownPath_HaveOpenAiErrors()
    {
        await using var router = await RunningRouter.StartAsync([], "--transparent-proxy", "off");

        await AssertErrorAsync(await router.Client.GetAsync("/v1/chat/completions"), 405, "POST");
        await AssertErrorAsync(await router.Client.GetAsync("/nothing/here"), 404, "/nothing/here");
    }

    [Fact]
    public async Task WithoutWorkers_RequestsGet503WithRetryAfterAndTheRouterIsNotReady()
    {
        await using var router = await RunningRouter.StartAsync();

        var response = await router.CompleteAsync();

        await AssertErrorAsync(response, 503, "no workers");
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await router.Client.GetAsync("/readiness")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await router.Client.GetAsync("/liveness")).StatusCode);
    }

    [Fact]
    public async Task OneWorkerAway_IsUnhealthyButReady()
    {
        await using var well = await ScriptedEngine.StartAsync();
        await using var sick = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([well.Url, sick.Url], "--health-check-interval-secs", "1", "--health-failure-threshold", "1");
        Assert.Equal("All servers healthy", await router.Client.GetStringAsync("/health"));
        sick.Health = 500;

        await RunningRouter.UntilAsync(async () => (await router.Client.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable);

        Assert.Contains(sick.Url, await (await router.Client.GetAsync("/health")).Content.ReadAsStringAsync());
        var ready = await router.GetJsonAsync("/readiness");
        Assert.Equal(("ready", 1, 2), (ready.GetProperty("status").GetString(), ready.GetProperty("healthy_workers").GetInt32(), ready.GetProperty("total_workers").GetInt32()));
    }

    [Fact]
    public async Task Workers_ComeAndGoAtRunTime()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync();

        var added = await router.Client.PostAsJsonAsync("/workers", new { url = first.Url });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.True((await added.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("success").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await router.Client.PostAsync($"/add_worker?url={second.Url}", null)).StatusCode);
        var again = await router.Client.PostAsJsonAsync("/workers", new { url = first.Url + "/" });
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Equal("ADD_WORKER_FAILED", (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());

        var list = await router.GetJsonAsync("/workers");
        Assert.Equal(2, list.GetProperty("total").GetInt32());
        var worker = list.GetProperty("workers")[0];
        Assert.Equal((first.Url, "test-model", "regular", true), (worker.GetProperty("url").GetString(), worker.GetProperty("model_id").GetString(), worker.GetProperty("worker_type").GetString(), worker.GetProperty("is_healthy").GetBoolean()));

        Assert.Equal(HttpStatusCode.OK, (await router.Client.GetAsync("/workers/" + Uri.EscapeDataString(second.Url))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await router.Client.DeleteAsync("/workers/" + Uri.EscapeDataString(second.Url))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await router.Client.DeleteAsync("/workers/" + Uri.EscapeDataString(second.Url))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await router.Client.PostAsync($"/remove_worker?url={first.Url}", null)).StatusCode);
        Assert.Empty((await router.GetJsonAsync("/list_workers")).GetProperty("urls").EnumerateArray());
    }

    [Fact]
    public async Task Drain_LetsStreamsFinishAndSendsNothingNew()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var draining = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await finish.Task;
            await context.Response.WriteAsync("data: [DONE]\n\n");
        });
        await using var other = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(draining.Url, other.Url);
        using var stream = await router.StreamAsync();

        var answer = await router.Client.PostAsync($"/drain?url={draining.Url}&deadline=60s", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var state = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((draining.Url, true, 1), (state.GetProperty("url").GetString(), state.GetProperty("draining").GetBoolean(), state.GetProperty("in_flight").GetInt32()));
        Assert.True((await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("draining").GetBoolean());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(other.Url, (await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single());
        }

        finish.SetResult();
        Assert.Equal("data: 1\n\ndata: [DONE]\n\n", await stream.Content.ReadAsStringAsync());
        await RunningRouter.UntilAsync(async () => (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32() == 1);
    }

    [Fact]
    public async Task DrainAtItsDeadline_CutsStreamsWithAnErrorEvent()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);
        using var stream = await router.StreamAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await router.Client.PostAsync($"/drain?url={engine.Url}&deadline=100ms", null)).StatusCode);

        var text = await stream.Content.ReadAsStringAsync();
        Assert.StartsWith("data: 1\n\ndata: {\"error\":", text, StringComparison.Ordinal);
        Assert.Contains("taken out of service", text);
        await RunningRouter.UntilAsync(async () => (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32() == 0);
    }

    [Fact]
    public async Task StopAtItsDeadline_CutsStreamsWithAnErrorEvent()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        var router = await RunningRouter.StartAsync([engine.Url], "--drain-timeout", "50ms");
        using var client = new RawClient(router.Url);
        await client.SendAsync("""{"model":"test-model","prompt":"x","stream":true}""");
        var begin = await client.ReadUntilAsync("data: 1\n\n");

        await router.DisposeAsync();

        var text = RawClient.Unchunk(begin + await client.ReadToEndAsync());
        Assert.StartsWith("data: 1\n\ndata: {\"error\":", text, StringComparison.Ordinal);
        Assert.Contains("--drain-timeout", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BareUrl_StandsForAllRanksOfItsEngine()
    {
        await using var engine = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var router = await RunningRouter.StartAsync([engine.Url], "--intra-node-data-parallel-size", "2");
        Task[] running = [router.CompleteAsync(), router.CompleteAsync()];
        await RunningRouter.UntilAsync(() => Task.FromResult(engine.Requests == 2));

        var shown = await router.GetJsonAsync("/workers/" + Uri.EscapeDataString(engine.Url));
        var answer = await router.Client.PostAsync($"/drain?url={engine.Url}&deadline=60s", null);

        Assert.Equal((engine.Url, 2, true), (shown.GetProperty("url").GetString(), shown.GetProperty("load").GetInt32(), shown.GetProperty("is_healthy").GetBoolean()));
        Assert.Equal([engine.Url + "@0", engine.Url + "@1"], shown.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetProperty("url").GetString()));
        Assert.False((await router.GetJsonAsync("/workers/" + Uri.EscapeDataString(engine.Url + "@1"))).TryGetProperty("ranks", out _));
        var state = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.Accepted, engine.Url, 2), (answer.StatusCode, state.GetProperty("url").GetString(), state.GetProperty("in_flight").GetInt32()));
        Assert.All((await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray(), worker => Assert.True(worker.GetProperty("draining").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, (await router.Client.PostAsync($"/remove_worker?url={engine.Url}", null)).StatusCode);
        Assert.Equal(0, (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32());
        engine.Kill();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task DrainOfAnEngine_RemovesAllItsRanks()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--intra-node-data-parallel-size", "2");

        Assert.Equal(HttpStatusCode.Accepted, (await router.Client.PostAsync($"/drain?url={engine.Url}", null)).StatusCode);

        await RunningRouter.UntilAsync(async () => (await router.GetJsonAsync("/workers")).GetProperty("total").GetInt32() == 0);
    }

    [Fact]
    public async Task SchedulingDiagnostics_AreNotAnEngines()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);

        await AssertErrorAsync(await router.Client.GetAsync("/scheduling/diagnostics"), 404, "not scheduled by program");
        Assert.Empty(engine.Received);
    }

    [Fact]
    public async Task Abort_EndsARunningRequest()
    {
        await using var engine = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var router = await RunningRouter.StartAsync(engine.Url);
        router.Client.DefaultRequestHeaders.Add("x-request-id", "to-abort");

        var running = router.CompleteAsync();
        await RunningRouter.UntilAsync(() => Task.FromResult(engine.Requests == 1));
        var aborted = await router.Client.PostAsync("/abort?request_id=to-abort", null);

        Assert.Equal(HttpStatusCode.OK, aborted.StatusCode);
        await AssertErrorAsync(await running, 503, "aborted");
        Assert.Equal(HttpStatusCode.NotFound, (await router.Client.PostAsync("/abort?request_id=to-abort", null)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/workers")]
    [InlineData("POST", "/add_worker?url=http://10.0.0.1:1")]
    [InlineData("POST", "/flush_cache")]
    [InlineData("POST", "/drain?url=http://a:1")]
    [InlineData("GET", "/requests")]
    [InlineData("GET", "/explain/x")]
    [InlineData("POST", "/abort?request_id=x")]
    [InlineData("POST", "/admin/config")]
    public async Task AdminPaths_RefuseForeignPagesAndTakeTheKey(string method, string path)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--admin-key", "secret", "--worker-startup-timeout-secs", "1");

        using var foreign = new HttpRequestMessage(new HttpMethod(method), path);
        foreign.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await router.Client.SendAsync(foreign)).StatusCode);

        using var admin = new HttpRequestMessage(new HttpMethod(method), path);
        admin.Headers.Add("Origin", "https://evil.example");
        admin.Headers.Add("Authorization", "Bearer secret");
        Assert.NotEqual(HttpStatusCode.Forbidden, (await router.Client.SendAsync(admin)).StatusCode);
    }

    [Fact]
    public async Task Explain_TellsWhereARequestWentAndWhereOneWouldGo()
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(first.Url, second.Url);
        var id = (await router.CompleteAsync()).Headers.GetValues("x-request-id").Single();

        var past = await router.GetJsonAsync("/explain/" + id);
        var future = await (await router.CompleteAsync(path: "/explain")).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal((id, first.Url, "round_robin"), (past.GetProperty("request_id").GetString(), past.GetProperty("endpoint").GetString(), past.GetProperty("policy").GetString()));
        Assert.Equal([first.Url, second.Url], past.GetProperty("candidates").EnumerateArray().Select(c => c.GetProperty("endpoint").GetString()));
        Assert.All(past.GetProperty("candidates").EnumerateArray(), c => Assert.True(c.GetProperty("eligible").GetBoolean()));
        Assert.Equal(second.Url, future.GetProperty("endpoint").GetString());
        Assert.Equal(second.Url, (await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single());
        Assert.Equal(HttpStatusCode.NotFound, (await router.Client.GetAsync("/explain/unknown")).StatusCode);
    }

    [Fact]
    public async Task Requests_ListsTheLatestFirstWithUsageAndWithoutText()
    {
        await using var engine = await ScriptedEngine.StartAsync(async (context, request) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"text\":\"hello\"}],\"usage\":null}\n\n");
            await context.Response.WriteAsync("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n");
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);
        _ = await router.CompleteAsync();
        _ = await router.CompleteAsync("""{"model":"test-model","prompt":"private words","stream":true}""");

        var text = await router.Client.GetStringAsync("/requests?limit=1");

        var request = Assert.Single(JsonDocument.Parse(text).RootElement.GetProperty("requests").EnumerateArray());
        Assert.Equal(("POST", "/v1/completions", "test-model", true, 200, engine.Url, 1), (
            request.GetProperty("method").GetString(), request.GetProperty("path").GetString(), request.GetProperty("model").GetString(),
            request.GetProperty("stream").GetBoolean(), request.GetProperty("status").GetInt32(), request.GetProperty("endpoint").GetString(), request.GetProperty("attempts").GetInt32()));
        Assert.Equal((7, 3, 4), (request.GetProperty("prompt_tokens").GetInt32(), request.GetProperty("completion_tokens").GetInt32(), request.GetProperty("cached_tokens").GetInt32()));
        Assert.True(request.GetProperty("ttfb_ms").GetDouble() <= request.GetProperty("duration_ms").GetDouble());
        Assert.DoesNotContain("private words", text);
    }

    [Fact]
    public async Task FullQueue_Is429AndTheWaitingOneIsServed()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            await release.Task;
            await context.Response.WriteAsync("{}");
        });
        await using var router = await RunningRouter.StartAsync([engine.Url], "--max-concurrent-requests", "1", "--queue-size", "1");

        // A slow machine may earn a token in between; it is one a second, so the third or a later one finds the queue full.
        var tasks = Enumerable.Range(0, 20).Select(_ => router.CompleteAsync()).ToList();
        var refused = await await Task.WhenAny(tasks);
        release.SetResult();
        var all = await Task.WhenAll(tasks);

        await AssertErrorAsync(refused, 429, "busy");
        Assert.True(refused.Headers.Contains("Retry-After"));
        Assert.Contains(all, response => response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Metrics_AreUpstreamsAndParse()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        _ = await router.CompleteAsync();

        var text = await router.Client.GetStringAsync("/metrics");

        foreach (var name in new[]
        {
            "vllm_router_requests_total{", "vllm_router_request_duration_seconds_bucket{", "vllm_router_worker_health{", "vllm_router_worker_load{",
            "vllm_router_cb_state{", "vllm_router_active_workers", "vllm_router_processed_requests_total{", "vllm_router_policy_decisions_total{", "vllm_router_running_requests{",
        })
        {
            Assert.Contains("\n" + name, text);
        }
    }

    [Fact]
    public async Task Browsers_MayCallInferenceButNotAdminPaths()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);

        var inference = await router.Client.SendAsync(Preflight("/v1/chat/completions"));
        var admin = await router.Client.SendAsync(Preflight("/drain"));

        Assert.True(inference.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(admin.Headers.Contains("Access-Control-Allow-Origin"));

        static HttpRequestMessage Preflight(string path)
        {
            var request = new HttpRequestMessage(HttpMethod.Options, path);
            request.Headers.Add("Origin", "https://app.example");
            request.Headers.Add("Access-Control-Request-Method", "POST");
            return request;
        }
    }

    [Fact]
    public async Task StoredResponse_IsFoundWhereverItIs()
    {
        await using var without = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await using var with = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("found"));
        await using var router = await RunningRouter.StartAsync(without.Url, with.Url);

        Assert.Equal("found", await router.Client.GetStringAsync("/v1/responses/resp_1"));
        Assert.Equal("found", await router.Client.GetStringAsync("/v1/responses/resp_1"));
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string messagePart)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal(status, error.GetProperty("code").GetInt32());
        Assert.Contains(messagePart, error.GetProperty("message").GetString());
        Assert.False(string.IsNullOrEmpty(error.GetProperty("type").GetString()));
    }
}
