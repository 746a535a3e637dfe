using System.Net;
using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task EngineThatDiesUnderFiftyRequests_FailsNone()
    {
        var waiting = new CountdownEvent(20);
        await using var dying = new ScriptedSocketEngine(async connection =>
        {
            _ = waiting.CurrentCount == 0 || waiting.Signal();
            await connection.WaitForPeerToLeaveAsync();
        });
        await using var living = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(dying.Url, living.Url);

        var requests = Enumerable.Range(0, 50).Select(_ => router.CompleteAsync()).ToArray();
        await Task.Run(waiting.Wait);
        dying.Kill();
        var responses = await Task.WhenAll(requests);

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.All(responses, response => Assert.Equal(living.Url, response.Headers.GetValues("x-llmd-endpoint").Single()));
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task RetryableStatus_GoesToTheNextWorker(int status)
    {
        await using var refusing = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["x-from"] = "refusing";
            return context.Response.WriteAsync("no");
        });
        await using var serving = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("yes"));
        await using var router = await RunningRouter.StartAsync(refusing.Url, serving.Url);

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.OK, "yes"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.False(response.Headers.Contains("x-from"));
        Assert.Single(refusing.Received);
        Assert.Equal(refusing.Received.Single().Body, serving.Received.Single().Body);
    }

    [Fact]
    public async Task ClientError_IsPassedOnAndNotRetried()
    {
        await using var engine = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("""{"error":{"message":"too long"}}""");
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.BadRequest, """{"error":{"message":"too long"}}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Single(engine.Received);
    }

    [Fact]
    public async Task Retries_GoOnRoundTheWorkers()
    {
        var tried = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var first = await RefusingAsync("first");
        await using var second = await RefusingAsync("second");
        await using var third = await RefusingAsync("third");
        await using var router = await RunningRouter.StartAsync(
            [first.Url, second.Url, third.Url], "--policy", "round_robin", "--retry-max-retries", "7", "--retry-initial-backoff-ms", "1");

        _ = await router.CompleteAsync();

        Assert.Equal(["first", "second", "third", "first", "second", "third", "first"], tried);

        Task<ScriptedEngine> RefusingAsync(string name) => ScriptedEngine.StartAsync((context, _) =>
        {
            tried.Enqueue(name);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task DisabledRetries_PassTheEnginesOwnAnswer()
    {
        await using var engine = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync("overloaded");
        });
        await using var router = await RunningRouter.StartAsync([engine.Url], "--disable-retries");

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "overloaded"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Single(engine.Received);
    }

    [Fact]
    public async Task AnswerThatBreaksBeforeItsFirstByte_IsRetried()
    {
        await using var breaking = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            connection.Reset();
        });
        await using var serving = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("yes"));
        await using var router = await RunningRouter.StartAsync(breaking.Url, serving.Url);

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.OK, "yes"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(1, breaking.Requests);
    }

    [Theory]
    [InlineData("data: {\"a\":1}\n\n", "data: {\"a\":1}\n\n")]
    [InlineData("data: {\"a\":1}\n\ndata: {\"b\"", "data: {\"a\":1}\n\ndata: {\"b\"\n\n")]
    public async Task StreamThatBreaksAfterItsFirstByte_EndsWithAnErrorEventAndTheConnection(string sent, string expectedBeforeError)
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync(sent);
            // A reset may overtake bytes in flight: break only when the client has them.
            await received.Task;
            connection.Reset();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);
        using var client = new RawClient(router.Url);

        await client.SendAsync("""{"model":"test-model","prompt":"x","stream":true}""");
        var begin = await client.ReadUntilAsync(sent);
        received.SetResult();
        var text = RawClient.Unchunk(begin + await client.ReadToEndAsync());

        Assert.StartsWith(expectedBeforeError, text, StringComparison.Ordinal);
        var error = text[expectedBeforeError.Length..];
        Assert.StartsWith("data: ", error, StringComparison.Ordinal);
        Assert.EndsWith("\n\n", error, StringComparison.Ordinal);
        var json = JsonDocument.Parse(error["data: ".Length..]).RootElement.GetProperty("error");
        Assert.Equal(502, json.GetProperty("code").GetInt32());
        Assert.DoesNotContain("[DONE]", text);
        Assert.Equal(1, engine.Requests);
        await RunningRouter.UntilAsync(async () => (await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("load").GetInt32() == 0);
    }

    [Fact]
    public async Task StreamWithALength_IsWhole_WithoutDone()
    {
        await using var engine = new ScriptedSocketEngine(connection =>
            connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n"));
        await using var router = await RunningRouter.StartAsync(engine.Url);

        Assert.Equal("data: 1\n\n", await (await router.StreamAsync()).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task EncodedStreamThatBreaks_EndsWithoutWordsThatNobodyCouldDecode()
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
            await connection.SendChunkAsync("packed");
            await received.Task;
            connection.Reset();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);
        using var client = new RawClient(router.Url);

        await client.SendAsync("""{"model":"test-model","prompt":"x","stream":true}""");
        _ = await client.ReadUntilAsync("packed");
        received.SetResult();
        var rest = "";
        try
        {
            rest = await client.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Reset, which says it too.
        }

        Assert.DoesNotContain("error", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamWithoutFrame_ThatEndsBeforeDone_IsBroken()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n");
            connection.Close();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);

        using var response = await router.StreamAsync();
        var text = await response.Content.ReadAsStringAsync();

        Assert.StartsWith("data: 1\n\ndata: {\"error\":", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlainAnswerThatBreaks_BreaksTheClientsConnection()
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\":");
            await received.Task;
            connection.Reset();
        });
        await using var router = await RunningRouter.StartAsync(engine.Url);

        using var response = await router.StreamAsync();
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[8]);
        received.SetResult();

        _ = await Assert.ThrowsAnyAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[92]));
    }

    [Fact]
    public async Task NoAnswerFromAnyWorker_Is502InOpenAiShape()
    {
        await using var engine = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        await using var router = await RunningRouter.StartAsync([engine.Url], "--retry-max-retries", "3", "--retry-initial-backoff-ms", "1");

        var response = await router.CompleteAsync();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(502, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("code").GetInt32());
        Assert.True(response.Headers.Contains("x-request-id"));
        Assert.Equal(3, engine.Requests);
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
        await using var router = await RunningRouter.StartAsync([engine.Url], "--request-timeout-secs", "1");

        using var client = new RawClient(router.Url);
        await client.SendAsync("""{"stream":true}""");
        var stream = RawClient.Unchunk(await client.ReadToEndAsync());

        Assert.StartsWith("data: 1\n\ndata: {\"error\":{", stream, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":504}}\n\n", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EngineThatBreaksAndOneThatIsGone_Is502_WhicheverIsTriedLast(bool goneFirst)
    {
        await using var breaking = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        var gone = await ScriptedEngine.StartAsync();
        string[] urls = goneFirst ? [gone.Url, breaking.Url] : [breaking.Url, gone.Url];
        await using var router = await RunningRouter.StartAsync(urls, "--policy", "round_robin", "--retry-max-retries", "2", "--retry-initial-backoff-ms", "1");
        await gone.DisposeAsync();

        var response = await router.CompleteAsync();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.InRange(breaking.Requests, 1, 2);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task RefusalBeforeTheBodyIsRead_IsPassedOnAndNotHeldAgainstTheEngine(int status)
    {
        await using var engine = EngineThatRefusesAtTheHead(status);
        await using var router = await RunningRouter.StartAsync([engine.Url], "--cb-failure-threshold", "1");

        for (var i = 1; i <= 3; i++)
        {
            var response = await router.CompleteAsync(LargeBody);

            Assert.Equal((status, Refusal), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
            Assert.Equal(i, engine.Requests);
        }

        var worker = (await router.GetJsonAsync("/workers")).GetProperty("workers")[0];
        Assert.Equal(("closed", 0), (worker.GetProperty("circuit_breaker").GetString(), worker.GetProperty("load").GetInt32()));
    }

    [Fact]
    public async Task RefusalOfThePrefillEngineBeforeTheBodyIsRead_IsPassedOn()
    {
        await using var prefill = EngineThatRefusesAtTheHead(413);
        await using var decode = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([], "--pd-disaggregation", "--prefill", prefill.Url, "--decode", decode.Url, "--cb-failure-threshold", "1");

        var response = await router.CompleteAsync(LargeBody);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, Refusal), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(1, prefill.Requests);
        Assert.Empty(decode.Received);
        Assert.All((await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray(), worker => Assert.Equal("closed", worker.GetProperty("circuit_breaker").GetString()));
    }

    [Fact]
    public async Task EngineThatDiesWhileTheBodyIsSent_IsReplaced()
    {
        await using var dying = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        })
        { LeavesBodies = true };
        await using var serving = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(dying.Url, serving.Url);

        var response = await router.CompleteAsync(LargeBody);

        Assert.Equal((HttpStatusCode.OK, serving.Url), (response.StatusCode, response.Headers.GetValues("x-llmd-endpoint").Single()));
        Assert.Equal(1, dying.Requests);
    }

    [Fact]
    public async Task EveryEngineDeadAtOnce_Is503WithRetryAfterFromTheFirstRequestOn()
    {
        var engines = new[] { await ScriptedEngine.StartAsync(), await ScriptedEngine.StartAsync() };
        await using var router = await RunningRouter.StartAsync([.. engines.Select(engine => engine.Url)], "--retry-initial-backoff-ms", "1");
        await Task.WhenAll(engines.Select(engine => engine.DisposeAsync().AsTask()));

        // The first find out by themselves, the last are told by the probes.
        for (var probed = false; !probed;)
        {
            probed = (await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray().All(worker => !worker.GetProperty("is_healthy").GetBoolean());
            var response = await router.CompleteAsync();

            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.True(response.Headers.Contains("Retry-After"));
            Assert.Equal(503, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("code").GetInt32());
        }
    }

    [Fact]
    public async Task EngineThatComesBack_IsUsedAgain()
    {
        var engine = await ScriptedEngine.StartAsync();
        var port = engine.Port;
        await using var router = await RunningRouter.StartAsync([engine.Url], "--health-failure-threshold", "1", "--disable-retries");
        await engine.DisposeAsync();
        await RunningRouter.UntilAsync(async () => (await router.CompleteAsync()).StatusCode == HttpStatusCode.ServiceUnavailable);

        await using var again = await ScriptedEngine.StartAsync(port: port);

        await RunningRouter.UntilAsync(async () => (await router.CompleteAsync()).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task EngineThatDiesWithRequestsAndComesBack_NeedNotWaitOutItsBreaker()
    {
        await using var other = await ScriptedEngine.StartAsync();
        var dying = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        var port = new Uri(dying.Url).Port;
        await using var router = await RunningRouter.StartAsync([dying.Url, other.Url], "--cb-failure-threshold", "2");
        var requests = Enumerable.Range(0, 8).Select(_ => router.CompleteAsync()).ToArray();
        await RunningRouter.UntilAsync(() => Task.FromResult(dying.Requests == 4));
        await dying.DisposeAsync();
        Assert.All(await Task.WhenAll(requests), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        await RunningRouter.UntilAsync(async () => (await router.Client.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable);

        await using var again = await ScriptedEngine.StartAsync(port: port);

        await RunningRouter.UntilAsync(async () =>
        {
            _ = await router.CompleteAsync();
            return again.Received.Count > 0;
        });
    }

    [Fact]
    public async Task BreakerThatOpens_KeepsRequestsAway()
    {
        await using var failing = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var serving = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([failing.Url, serving.Url], "--cb-failure-threshold", "2", "--retry-initial-backoff-ms", "1");

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
        }

        Assert.Equal(2, failing.Received.Count);
        Assert.Equal("open", (await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("circuit_breaker").GetString());
    }

    private const string Refusal = """{"error":{"message":"no"}}""";

    // Far more than the buffers of a loopback connection hold.
    private static string LargeBody { get; } = $$"""{"model":"test-model","prompt":"{{new string('x', 16 << 20)}}"}""";

    private static ScriptedSocketEngine EngineThatRefusesAtTheHead(int status) => new(async connection =>
    {
        await connection.SendAsync($"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {Refusal.Length}\r\nConnection: close\r\n\r\n{Refusal}");
        connection.Close();
    })
    { LeavesBodies = true };
}
