using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class DisaggregationTests
{
    [Fact]
    public async Task Request_IsComputedByOneEngineAndAnsweredByAnother()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);
        router.Client.DefaultRequestHeaders.Add("Authorization", "Bearer mine");
        router.Client.DefaultRequestHeaders.Add("x-request-id", "client-id");

        var response = await router.CompleteAsync("""{ "model":"test-model", "prompt":"hé", "max_tokens":50, "stream":true }""");

        Assert.Equal("""{"choices":[{"text":"answer"}]}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("client-id", response.Headers.GetValues("x-request-id").Single());
        Assert.Equal(decode.Url, response.Headers.GetValues("x-llmd-endpoint").Single());
        var first = Assert.Single(prefill.Received);
        var second = Assert.Single(decode.Received);
        Assert.Equal(
            """{ "model":"test-model", "prompt":"hé", "max_tokens":1, "stream":false ,"kv_transfer_params":{"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,"remote_host":null,"remote_port":null}}""",
            first.Text);
        Assert.Equal($$"""{ "model":"test-model", "prompt":"hé", "max_tokens":50, "stream":true ,"kv_transfer_params":{{Stages.Params}}}""", second.Text);
        Assert.Matches($"^___prefill_addr_{Stages.Authority(prefill.Url)}___decode_addr_{Stages.Authority(decode.Url)}_[0-9a-f]{{32}}$", first.Headers["X-Request-Id"]);
        Assert.Equal(first.Headers["X-Request-Id"], second.Headers["X-Request-Id"]);
        Assert.Equal(("Bearer mine", "Bearer mine"), (first.Headers["Authorization"], second.Headers["Authorization"]));
        Assert.Null(Stages.RankOf(first) ?? Stages.RankOf(second));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/v1/responses", """{"input":"x"}""")]
    [InlineData("/inference/v1/generate", """{"token_ids":[1,2]}""")]
    public async Task OtherGeneratingPaths_RunInTwoStagesToo(string path, string body)
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);

        _ = await router.CompleteAsync(body, path);

        Assert.Equal(path, Assert.Single(prefill.Received).Path);
        Assert.Equal(Stages.Params, Stages.ParamsOf(Assert.Single(decode.Received)));
    }

    [Theory]
    [InlineData("/v1/completions", """{"prompt":"x","n":2}""")]
    [InlineData("/v1/completions", """{"prompt":["a","b"]}""")]
    [InlineData("/v1/embeddings", """{"input":"x"}""")]
    public async Task RequestThatTwoEnginesCannotShare_GoesToADecodeEngineAlone(string path, string body)
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);

        _ = await router.CompleteAsync(body, path);

        Assert.Empty(prefill.Received);
        Assert.Equal(body, Assert.Single(decode.Received).Text);
    }

    [Fact]
    public async Task ClientsParams_NeverReachAnEngine()
    {
        await using var prefill = await Stages.PrefillAsync("null");
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);

        _ = await router.CompleteAsync("""{"kv_transfer_params":{"remote_host":"evil"},"prompt":"x"}""");

        Assert.DoesNotContain("evil", Assert.Single(prefill.Received).Text + Assert.Single(decode.Received).Text);
        Assert.Null(Stages.ParamsOf(decode.Received.Single()));
    }

    [Fact]
    public async Task PrefillThatRefusesTheRequest_SpeaksToTheClient()
    {
        await using var prefill = await Stages.AnsweringAsync(422, """{"error":{"message":"too long"}}""");
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.UnprocessableEntity, """{"error":{"message":"too long"}}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Single(prefill.Received);
        Assert.Empty(decode.Received);
    }

    [Fact]
    public async Task PrefillThatFails_IsReplacedByTheNext()
    {
        await using var failing = await Stages.AnsweringAsync(500);
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([failing.Url, prefill.Url], [decode.Url]);

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);

        Assert.Single(failing.Received);
        Assert.Equal(Stages.Params, Stages.ParamsOf(Assert.Single(decode.Received)));
        Assert.NotEqual(failing.Received.Single().Headers["X-Request-Id"], prefill.Received.Single().Headers["X-Request-Id"]);
    }

    [Theory]
    [InlineData(500, "no")]
    [InlineData(200, "<html>")]
    [InlineData(200, "{}")]
    public async Task WithoutAUsablePrefill_TheDecodeEngineComputesThePrompt(int status, string answer)
    {
        await using var prefill = await Stages.AnsweringAsync(status, answer);
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url], "--retry-max-retries", "3");

        var response = await router.CompleteAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(answer == "{}" ? 1 : 3, prefill.Received.Count);
        Assert.Null(Stages.ParamsOf(Assert.Single(decode.Received)));
    }

    [Fact]
    public async Task DisabledRetries_GiveEachLegOneAttempt()
    {
        await using var failing = await Stages.AnsweringAsync(500);
        await using var unused = await Stages.PrefillAsync();
        await using var refusing = await Stages.AnsweringAsync(503, "busy");
        await using var router = await Stages.RouteAsync([failing.Url, unused.Url], [refusing.Url], "--disable-retries");

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "busy"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal((1, 0, 1), (failing.Received.Count, unused.Received.Count, refusing.Received.Count));
    }

    [Fact]
    public async Task PrefillThatDied_CostsTheClientNothing()
    {
        await using var dead = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([dead.Url], [decode.Url]);
        dead.Kill();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
        }

        Assert.All(decode.Received, request => Assert.Null(Stages.ParamsOf(request)));
    }

    [Fact]
    public async Task PrefillThatDiesWhileComputing_IsReplacedByTheNext()
    {
        await using var dying = new ScriptedSocketEngine(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([dying.Url, prefill.Url], [decode.Url]);

        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);

        Assert.Equal(1, dying.Requests);
        Assert.Equal(Stages.Params, Stages.ParamsOf(Assert.Single(decode.Received)));
    }

    [Fact]
    public async Task DecodeThatDiesBeforeItsFirstByte_IsReplacedByOneThatComputesThePromptItself()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var dying = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            connection.Reset();
        });
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [dying.Url, decode.Url]);

        var response = await router.CompleteAsync();

        Assert.Equal((HttpStatusCode.OK, decode.Url), (response.StatusCode, response.Headers.GetValues("x-llmd-endpoint").Single()));
        // The dead engine may have fetched the blocks, and then they are gone.
        Assert.Null(Stages.ParamsOf(Assert.Single(decode.Received)));
        Assert.Single(prefill.Received);
    }

    [Fact]
    public async Task DecodeThatWasNeverReached_LeavesTheBlocksToTheNext()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var prefill = await Stages.PrefillAsync();
        var answering = prefill.OnRequest;
        prefill.OnRequest = async (context, request) =>
        {
            await go.Task;
            await answering(context, request);
        };
        await using var dead = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [dead.Url, decode.Url]);

        var running = router.CompleteAsync();
        await RunningRouter.UntilAsync(() => Task.FromResult(prefill.Received.Count == 1));
        dead.Kill();
        go.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(Stages.Params, Stages.ParamsOf(Assert.Single(decode.Received)));
    }

    [Fact]
    public async Task ClientThatLeavesDuringPrefill_EndsItAndBeginsNoDecode()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var prefill = new ScriptedSocketEngine(async connection =>
        {
            await connection.WaitForPeerToLeaveAsync();
            left.SetResult();
        });
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);
        using var leave = new CancellationTokenSource();

        var running = router.StreamAsync(leave.Token);
        await RunningRouter.UntilAsync(() => Task.FromResult(prefill.Requests == 1));
        Assert.Equal(1, (await router.GetJsonAsync("/workers")).GetProperty("workers")[0].GetProperty("load").GetInt32());
        await leave.CancelAsync();

        await left.Task;
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Stages.UntilIdleAsync(router);
        Assert.Empty(decode.Received);
    }

    [Fact]
    public async Task ClientThatLeavesDuringDecode_EndsIt()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            await connection.SendChunkAsync("data: 1\n\n");
            await connection.WaitForPeerToLeaveAsync();
            left.SetResult();
        });
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);

        var response = await router.StreamAsync();
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[9]);
        var loads = (await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray().Select(worker => worker.GetProperty("load").GetInt32());
        Assert.Equal([0, 1], loads);
        response.Dispose();

        await left.Task;
        await Stages.UntilIdleAsync(router);
    }

    [Fact]
    public async Task Abort_EndsARequestInItsFirstStage()
    {
        await using var prefill = new ScriptedSocketEngine(connection => connection.WaitForPeerToLeaveAsync());
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);
        router.Client.DefaultRequestHeaders.Add("x-request-id", "to-abort");

        var running = router.CompleteAsync();
        await RunningRouter.UntilAsync(() => Task.FromResult(prefill.Requests == 1));
        _ = await router.Client.PostAsync("/abort?request_id=to-abort", null);

        var response = await running;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("aborted", await response.Content.ReadAsStringAsync());
        Assert.Empty(decode.Received);
        await Stages.UntilIdleAsync(router);
    }

    [Fact]
    public async Task Explain_NamesBothEngines()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([prefill.Url], [decode.Url]);
        var id = (await router.CompleteAsync()).Headers.GetValues("x-request-id").Single();

        var past = await router.GetJsonAsync("/explain/" + id);
        var future = await (await router.CompleteAsync(path: "/explain")).Content.ReadFromJsonAsync<JsonElement>();

        foreach (var decision in new[] { past, future })
        {
            Assert.Equal((decode.Url, prefill.Url), (decision.GetProperty("endpoint").GetString(), decision.GetProperty("prefill_endpoint").GetString()));
            Assert.Equal([decode.Url, prefill.Url], decision.GetProperty("candidates").EnumerateArray().Select(candidate => candidate.GetProperty("endpoint").GetString()));
        }

        Assert.Single(prefill.Received);
        var request = (await router.GetJsonAsync("/requests?limit=1")).GetProperty("requests")[0];
        Assert.Equal((decode.Url, prefill.Url, 1), (request.GetProperty("endpoint").GetString(), request.GetProperty("prefill_endpoint").GetString(), request.GetProperty("attempts").GetInt32()));
    }

    [Fact]
    public async Task Metrics_CountBothLegs()
    {
        await using var failing = await Stages.AnsweringAsync(500);
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var router = await Stages.RouteAsync([failing.Url, prefill.Url], [decode.Url]);
        _ = await router.CompleteAsync();

        // Counted when the request is over, which its client may see a moment before. Series without a worker are shared by all routers of this process.
        await RunningRouter.UntilAsync(async () => (await router.Client.GetStringAsync("/metrics")).Contains("\nvllm_router_pd_requests_total{route=\"/v1/completions\"}", StringComparison.Ordinal));
        var text = await router.Client.GetStringAsync("/metrics");
        foreach (var line in new[]
        {
            $"vllm_router_pd_prefill_requests_total{{worker=\"{prefill.Url}\"}} 1",
            $"vllm_router_pd_decode_requests_total{{worker=\"{decode.Url}\"}} 1",
            $"vllm_router_pd_prefill_errors_total{{worker=\"{failing.Url}\"}} 1",
            "vllm_router_pd_errors_total{error_type=\"prefill\"} ",
            "vllm_router_pd_request_duration_seconds_count{route=\"/v1/completions\"} ",
        })
        {
            Assert.Contains(line, text);
        }

        var stats = (await router.GetJsonAsync("/workers")).GetProperty("stats");
        Assert.Equal((2, 1, 0), (stats.GetProperty("prefill_count").GetInt32(), stats.GetProperty("decode_count").GetInt32(), stats.GetProperty("regular_count").GetInt32()));
    }
}
