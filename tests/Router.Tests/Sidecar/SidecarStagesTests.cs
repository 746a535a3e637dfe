using System.Net;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Sidecar;

/// <summary>Requests whose prompt another engine computes.</summary>
public sealed class SidecarStagesTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task NamedPrefiller_ComputesThePrompt_AndTheEngineHereAnswers()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--data-parallel-size", "8");

        var response = await sidecar.SendAsync(
            """{ "prompt":"hé", "max_tokens":50, "stream":true }""",
            "/v1/completions",
            [("x-prefiller-host-port", Stages.Authority(prefill.Url)), ("x-prefiller-data-parallel-rank", "5"), ("X-data-parallel-rank", "2"), ("Authorization", "Bearer k"), ("x-request-id", "mine"), ("traceparent", Trace)]);

        Assert.Equal("""{"choices":[{"text":"answer"}]}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("mine", response.Headers.GetValues("x-request-id").Single());
        var (first, second) = (Assert.Single(prefill.Received), Assert.Single(engine.Received));
        Assert.Equal(
            """{ "prompt":"hé", "max_tokens":1, "stream":false ,"kv_transfer_params":{"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,"remote_host":null,"remote_port":null}}""",
            first.Text);
        Assert.Equal($$"""{ "prompt":"hé", "max_tokens":50, "stream":true ,"kv_transfer_params":{{Stages.Params}}}""", second.Text);
        Assert.Equal(("5", "2"), (Stages.RankOf(first), Stages.RankOf(second)));
        Assert.Equal(first.Headers["x-request-id"], second.Headers["x-request-id"]);
        Assert.Equal(("Bearer k", "Bearer k"), (first.Headers["Authorization"], second.Headers["Authorization"]));
        Assert.All([first, second], request => Assert.Contains(Trace[3..35], request.Headers["traceparent"], StringComparison.Ordinal));
        Assert.DoesNotContain(first.Headers.Keys.Concat(second.Headers.Keys), name => name.Contains("prefiller", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(500, "no")]
    [InlineData(200, "<html>")]
    public async Task WithoutAUsablePrefill_TheEngineHereComputesThePrompt(int status, string answer)
    {
        await using var prefill = await Stages.AnsweringAsync(status, answer);
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);

        Assert.Equal(HttpStatusCode.OK, (await sidecar.CompleteAsync(Stages.Authority(prefill.Url))).StatusCode);

        Assert.Equal(2, prefill.Received.Count);
        Assert.Null(Stages.ParamsOf(Assert.Single(engine.Received)));
    }

    [Fact]
    public async Task PrefillerThatIsNotThere_IsFollowedByTheNextNamed()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        var nobody = $"127.0.0.1:{TestPorts.Free()}";

        Assert.Equal(HttpStatusCode.OK, (await sidecar.CompleteAsync($"{nobody}, {Stages.Authority(prefill.Url)}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await sidecar.CompleteAsync(nobody)).StatusCode);

        Assert.Equal([Stages.Params, null], engine.Received.Select(Stages.ParamsOf));
    }

    [Fact]
    public async Task PrefillerThatRefusesTheRequest_SpeaksToTheClient()
    {
        await using var prefill = await Stages.AnsweringAsync(422, "too long");
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);

        var response = await sidecar.CompleteAsync(Stages.Authority(prefill.Url));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "too long"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Empty(engine.Received);
    }

    [Theory]
    [InlineData("/v1/completions", """{"prompt":"x","n":2}""")]
    [InlineData("/v1/embeddings", """{"input":"x"}""")]
    public async Task RequestThatTwoEnginesCannotShare_StaysHere(string path, string body)
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);

        _ = await sidecar.CompleteAsync(Stages.Authority(prefill.Url), body, path);

        Assert.Empty(prefill.Received);
        Assert.Equal(body, Assert.Single(engine.Received).Text);
    }

    [Fact]
    public async Task SsrfProtection_RefusesHostsThatAreNotListed_AndAsksNobody()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var engine = await Stages.DecodeAsync();
        await using var closed = await RunningSidecar.StartAsync(engine.Url, "--enable-ssrf-protection", "--allowed-prefillers", "10.0.0.0/8");
        await using var open = await RunningSidecar.StartAsync(engine.Url, "--enable-ssrf-protection", "--allowed-prefillers", "10.0.0.0/8", Stages.Authority(prefill.Url));

        Assert.Equal(HttpStatusCode.Forbidden, (await closed.CompleteAsync(Stages.Authority(prefill.Url))).StatusCode);
        Assert.Empty(prefill.Received.Concat(engine.Received));
        Assert.Equal(HttpStatusCode.OK, (await closed.CompleteAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await open.CompleteAsync(Stages.Authority(prefill.Url))).StatusCode);
        Assert.Single(prefill.Received);
    }

    [Fact]
    public async Task ClientThatLeavesDuringPrefill_EndsIt_AndBeginsNoDecode()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var prefill = new ScriptedSocketEngine(async connection =>
        {
            await connection.WaitForPeerToLeaveAsync();
            left.SetResult();
        });
        await using var engine = await Stages.DecodeAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        using var leave = new CancellationTokenSource();

        var running = sidecar.SendAsync("""{"prompt":"x"}""", "/v1/completions", [("x-prefiller-host-port", Stages.Authority(prefill.Url))], leave.Token);
        await Eventually.TrueAsync(() => prefill.Requests == 1);
        await leave.CancelAsync();

        await left.Task;
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(engine.Received);
    }
}
