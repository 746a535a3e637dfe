using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class PickerTests
{
    private const string Destination = "x-gateway-destination-endpoint";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Picker_DecidesWhereARequestGoesAndFollowsItToItsEnd(bool tls)
    {
        await using var engine = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("""{"usage":{"prompt_tokens":3}}"""));
        await using var picker = await ScriptedPicker.StartAsync(stream => stream.AnswerAsync((Destination, Stages.Authority(engine.Url))), tls);
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        router.Client.DefaultRequestHeaders.Add("x-session-id", "s1");
        router.Client.DefaultRequestHeaders.Add("x-gateway-destination-endpoint", "10.0.0.1:1");

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.OK, """{"usage":{"prompt_tokens":3}}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(engine.Url, response.Headers.GetValues("x-llmd-endpoint").Single());
        var stream = Assert.Single(picker.Streams);
        Assert.True(await stream.Over);
        Assert.Equal("""{"model":"test-model","prompt":"hi"}""", stream.Body);
        Assert.Equal(("POST", "/v1/completions", "s1", (string?)null), (stream.Headers[":method"], stream.Headers[":path"], stream.Headers["x-session-id"], stream.Headers[Destination]));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), stream.Headers["x-request-id"]);
        Assert.Equal(BodySendMode.FullDuplexStreamed, stream.Protocol!.RequestBodyMode);
        Assert.Equal(("200", Stages.Authority(engine.Url)), (stream.AnswerHeaders![":status"], stream.Served));
        Assert.Equal("""{"usage":{"prompt_tokens":3}}""", stream.LastOfAnswer);
        var worker = (await router.GetJsonAsync("/workers")).GetProperty("workers")[0];
        Assert.Equal((engine.Url, true), (worker.GetProperty("url").GetString(), worker.GetProperty("learned").GetBoolean()));
    }

    [Fact]
    public async Task LargeBody_TravelsInPiecesAndReachesTheEngineWhole()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync((Destination, Stages.Authority(engine.Url)));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        var body = JsonSerializer.Serialize(new { model = "test-model", prompt = new string('x', 3_000_000) });

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync(body)).StatusCode);

        Assert.Equal(body, Assert.Single(picker.Streams).Body);
        Assert.InRange(picker.Streams.Single().LargestPiece, 1, 65536);
        Assert.Equal(body, Assert.Single(engine.Received).Text);
    }

    [Theory]
    [InlineData("""{"model":"rewritten","prompt":"hi"}""")]
    [InlineData("""{"model":"x"}""")]
    [InlineData("""{"model":"test-model","prompt":"hi","more":true}""")]
    public async Task BodyAndHeadersThatThePickerChanged_ReachTheEngine(string changed)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(async stream =>
        {
            var headers = new HeaderMutation().Overwrite(Destination, Stages.Authority(engine.Url)).Overwrite("x-added", "1").Overwrite("content-length", $"{changed.Length}");
            headers.Remove.Add("x-session-id");
            await stream.SendAsync(new() { Step = ProcessingStep.RequestHeaders, Headers = headers });
            await stream.SendBodyAsync(System.Text.Encoding.UTF8.GetBytes(changed));
        });
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        router.Client.DefaultRequestHeaders.Add("x-session-id", "s1");

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);

        var request = Assert.Single(engine.Received);
        Assert.Equal((changed, "1"), (request.Text, request.Headers["x-added"]));
        Assert.DoesNotContain("x-session-id", request.Headers.Keys);
        Assert.DoesNotContain(Destination, request.Headers.Keys);
    }

    [Fact]
    public async Task DestinationThatComesWithTheBody_IsUnderstoodToo()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(async stream =>
        {
            await stream.SendAsync(new() { Step = ProcessingStep.RequestHeaders });
            await stream.SendAsync(new() { Step = ProcessingStep.RequestBody, Headers = new HeaderMutation().Overwrite("x-llm-d-destination-endpoint", Stages.Authority(engine.Url)) });
        });
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
        Assert.Equal("""{"model":"test-model","prompt":"hi"}""", Assert.Single(engine.Received).Text);
    }

    [Fact]
    public async Task PrefillerAndRanks_MakeTwoStages()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var picker = await ScriptedPicker.StartAsync(
            (Destination, Stages.Authority(decode.Url)), ("x-data-parallel-rank", "3"),
            ("x-prefiller-host-port", Stages.Authority(prefill.Url)), ("x-prefiller-data-parallel-rank", "1"));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        router.Client.DefaultRequestHeaders.Add("x-prefiller-host-port", "10.0.0.1:1");

        var response = await router.CompleteAsync();

        Assert.Equal(decode.Url + "@3", response.Headers.GetValues("x-llmd-endpoint").Single());
        var (first, second) = (Assert.Single(prefill.Received), Assert.Single(decode.Received));
        Assert.Equal(("1", "3", Stages.Params), (Stages.RankOf(first), Stages.RankOf(second), Stages.ParamsOf(second)));
        Assert.DoesNotContain("x-prefiller-host-port", second.Headers.Keys);
        var explained = await router.GetJsonAsync("/explain/" + response.Headers.GetValues("x-request-id").Single());
        Assert.Equal((decode.Url + "@3", prefill.Url + "@1", "epp"), (
            explained.GetProperty("endpoint").GetString(), explained.GetProperty("prefill_endpoint").GetString(), explained.GetProperty("policy").GetString()));
        Assert.Contains(Stages.Authority(picker.Url), explained.GetProperty("reason").GetString());
        Assert.Contains(explained.GetProperty("candidates").EnumerateArray(), candidate => candidate.GetProperty("endpoint").GetString() == decode.Url + "@3");
    }

    [Fact]
    public async Task DryRun_AsksThePickerAndSendsNothing()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync((Destination, Stages.Authority(engine.Url)));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);

        var decision = await (await router.CompleteAsync("""{"messages":[]}""", "/explain")).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(engine.Url, decision.GetProperty("endpoint").GetString());
        Assert.Equal("/v1/chat/completions", picker.Streams.Single().Headers[":path"]);
        Assert.False(await picker.Streams.Single().Over);
        Assert.Empty(engine.Received);
    }

    [Fact]
    public async Task ImmediateResponse_GoesToTheClientInOpenAiShape()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(stream => stream.RefuseAsync(429, "inference error: ResourceExhausted - full", "rejected-saturated"));
        await using var router = await RunningRouter.StartAsync([engine.Url], "--epp", picker.Url);

        var response = await router.CompleteAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal((429, "inference error: ResourceExhausted - full"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
        Assert.Equal("rejected-saturated", response.Headers.GetValues("x-llm-d-request-dropped-reason").Single());
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Empty(engine.Received);
    }

    [Theory]
    [InlineData("no destination")]
    [InlineData("unusable destination")]
    [InlineData("no json")]
    [InlineData("ends early")]
    [InlineData("fails")]
    public async Task AnswerWithoutADecision_FailsOpenOrClosed(string answer)
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(async stream =>
        {
            switch (answer)
            {
                case "no destination":
                    await stream.AnswerAsync(("x-other", "1"));
                    break;
                case "unusable destination":
                    await stream.AnswerAsync((Destination, "ftp://a b/,:::"));
                    break;
                case "no json":
                    await stream.SendAsync(new() { Step = ProcessingStep.RequestHeaders, Headers = new HeaderMutation().Overwrite(Destination, Stages.Authority(engine.Url)) });
                    await stream.SendBodyAsync("garbage"u8.ToArray());
                    break;
                case "ends early":
                    throw new Protocols.Grpc.GrpcException(Protocols.Grpc.GrpcStatusCode.Cancelled, "shutting down");
                default:
                    throw new Protocols.Grpc.GrpcException(Protocols.Grpc.GrpcStatusCode.Internal, "no plugin");
            }
        });

        await AssertFailsOpenAndClosedAsync(engine, picker.Url);
    }

    [Fact]
    public async Task PickerThatIsAway_FailsOpenOrClosed()
    {
        await using var engine = await ScriptedEngine.StartAsync();

        await AssertFailsOpenAndClosedAsync(engine, $"http://127.0.0.1:{TestPorts.Free()}");
    }

    [Fact]
    public async Task PickerThatIsLate_FailsOpenOrClosed()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(stream => Task.Delay(Timeout.Infinite, stream.Cancelled));

        await AssertFailsOpenAndClosedAsync(engine, picker.Url, "--epp-timeout", "100ms");

        Assert.All(await Task.WhenAll(picker.Streams.Select(stream => stream.Over)), Assert.False);
    }

    [Fact]
    public async Task PortThatSpeaksGarbage_FailsOpenOrClosed()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var talking = TalkAsync();

        await AssertFailsOpenAndClosedAsync(engine, $"http://{listener.LocalEndpoint}", "--epp-timeout", "2s");
        await stop.CancelAsync();
        await talking;

        async Task TalkAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(stop.Token);
                    await client.GetStream().WriteAsync("SSH-2.0-garbage\r\n\r\n\0\0\0\0 and so on"u8.ToArray(), stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    [Fact]
    public async Task FailOpen_UsesWhatThePickerTaughtAndTheLeastLoadedOfIt()
    {
        await using var busy = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var idle = await ScriptedEngine.StartAsync();
        var next = busy.Url;
        var picker = await ScriptedPicker.StartAsync(stream => stream.AnswerAsync((Destination, Stages.Authority(next))));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        using var leave = new CancellationTokenSource();
        var hanging = router.StreamAsync(leave.Token);
        await RunningRouter.UntilAsync(() => Task.FromResult(busy.Requests == 1));
        next = idle.Url;
        _ = await router.CompleteAsync();

        await picker.DisposeAsync();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(idle.Url, (await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single());
        }

        Assert.Equal(1, busy.Requests);
        await leave.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        await Stages.UntilIdleAsync(router);
    }

    [Fact]
    public async Task FailOpen_BeforeSplitPools_TakesTheLeastLoadedDecodeWorkerAndSaysSo()
    {
        await using var prefill = await ScriptedEngine.StartAsync();
        await using var busy = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var idle = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(
            [], "--pd-disaggregation", "--prefill", prefill.Url, "--decode", busy.Url, "--decode", idle.Url, "--epp", $"http://127.0.0.1:{TestPorts.Free()}");
        using var leave = new CancellationTokenSource();
        List<Task> hanging = [];
        while (busy.Requests == 0)
        {
            hanging.Add(router.StreamAsync(leave.Token));
            await RunningRouter.UntilAsync(() => Task.FromResult(busy.Requests + idle.Received.Count == hanging.Count));
        }

        for (var i = 0; i < 4; i++)
        {
            var response = await router.CompleteAsync();

            Assert.Equal(idle.Url, response.Headers.GetValues("x-llmd-endpoint").Single());
            var why = await router.GetJsonAsync($"/explain/{response.Headers.GetValues("x-request-id").Single()}");
            Assert.Equal("epp", why.GetProperty("policy").GetString());
            Assert.Contains("the endpoint picker gave no answer", why.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Contains("among the workers that decode: fewest requests in flight", why.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain(why.GetProperty("candidates").EnumerateArray(), candidate => candidate.GetProperty("endpoint").GetString() == prefill.Url);
        }

        Assert.Empty(prefill.Received);
        await leave.CancelAsync();
        _ = await Task.WhenAny(Task.WhenAll(hanging));
        await Stages.UntilIdleAsync(router);
    }

    [Fact]
    public async Task DestinationThatDies_IsReplacedByTheNextOfTheListAndThenByAnyKnown()
    {
        await using var dead = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        await using var second = await ScriptedEngine.StartAsync();
        await using var known = await ScriptedEngine.StartAsync();
        var destinations = $"{Stages.Authority(dead.Url)},{Stages.Authority(second.Url)}";
        await using var picker = await ScriptedPicker.StartAsync(stream => stream.AnswerAsync((Destination, destinations)));
        await using var router = await RunningRouter.StartAsync([known.Url], "--epp", picker.Url, "--retry-initial-backoff-ms", "1");

        Assert.Equal(second.Url, (await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single());
        destinations = Stages.Authority(dead.Url);
        Assert.Contains((await router.CompleteAsync()).Headers.GetValues("x-llmd-endpoint").Single(), new[] { known.Url, second.Url });
        Assert.Equal(2, dead.Requests);
    }

    [Fact]
    public async Task PrefillerThatDies_LeavesThePromptToTheDecodeEngine()
    {
        await using var dead = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        await using var decode = await Stages.DecodeAsync();
        await using var picker = await ScriptedPicker.StartAsync((Destination, Stages.Authority(decode.Url)), ("x-prefiller-host-port", Stages.Authority(dead.Url)));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url, "--retry-initial-backoff-ms", "1");

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
        Assert.Null(Stages.ParamsOf(Assert.Single(decode.Received)));
    }

    [Fact]
    public async Task ClientThatLeaves_BreaksThePickersStream()
    {
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        await using var picker = await ScriptedPicker.StartAsync((Destination, Stages.Authority(engine.Url)));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);

        var response = await router.StreamAsync();
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[9]);
        response.Dispose();

        Assert.False(await picker.Streams.Single().Over);
        await Stages.UntilIdleAsync(router);
    }

    [Fact]
    public async Task ClientThatLeavesWhileThePickerThinks_EndsTheQuestion()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var picker = await ScriptedPicker.StartAsync(stream => Task.Delay(Timeout.Infinite, stream.Cancelled));
        await using var router = await RunningRouter.StartAsync([engine.Url], "--epp", picker.Url, "--epp-timeout", "60s");
        using var leave = new CancellationTokenSource();

        var running = router.StreamAsync(leave.Token);
        await RunningRouter.UntilAsync(() => Task.FromResult(picker.Streams.Count == 1));
        await leave.CancelAsync();

        Assert.False(await picker.Streams.Single().Over);
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(engine.Received);
    }

    [Fact]
    public async Task Eviction_EndsTheStreamWithAnErrorEvent()
    {
        var evict = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
        });
        await using var picker = await ScriptedPicker.StartAsync(async stream =>
        {
            await stream.AnswerAsync((Destination, Stages.Authority(engine.Url)));
            await evict.Task;
            await stream.RefuseAsync(429, "evicted", "evicted");
        });
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);

        using var response = await router.StreamAsync();
        evict.SetResult();

        var text = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("data: 1\n\ndata: {\"error\":", text, StringComparison.Ordinal);
        Assert.Contains("evicted", text);
    }

    [Fact]
    public async Task PickerThatComesBack_IsAskedAgain()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        var works = false;
        await using var picker = await ScriptedPicker.StartAsync(stream => works
            ? stream.AnswerAsync((Destination, Stages.Authority(engine.Url)))
            : throw new Protocols.Grpc.GrpcException(Protocols.Grpc.GrpcStatusCode.Unavailable, "starting"));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url, "--retry-initial-backoff-ms", "1");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await router.CompleteAsync()).StatusCode);
        }

        works = true;

        await RunningRouter.UntilAsync(async () => (await router.CompleteAsync()).StatusCode == HttpStatusCode.OK);
    }

    private static async Task AssertFailsOpenAndClosedAsync(ScriptedEngine engine, string picker, params string[] more)
    {
        await using (var open = await RunningRouter.StartAsync([engine.Url], ["--epp", picker, .. more]))
        {
            for (var i = 0; i < 5; i++)
            {
                var response = await open.CompleteAsync();
                Assert.Equal((HttpStatusCode.OK, engine.Url), (response.StatusCode, response.Headers.GetValues("x-llmd-endpoint").Single()));
            }

            Assert.All(engine.Received, request => Assert.Equal("""{"model":"test-model","prompt":"hi"}""", request.Text));
        }

        var served = engine.Received.Count;
        await using var closed = await RunningRouter.StartAsync([engine.Url], ["--epp", picker, "--epp-failure-mode", "close", .. more]);
        for (var i = 0; i < 5; i++)
        {
            var response = await closed.CompleteAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(503, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetInt32());
            Assert.True(response.Headers.Contains("Retry-After"));
        }

        Assert.Equal(served, engine.Received.Count);
    }
}
