using System.Buffers;
using System.Text;
using LlmdAspire.Epp.ExtProc;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>Requests that a header sends to another model than they name.</summary>
public sealed class ModelRewriteTests : IAsyncLifetime
{
    private const string Body = """{"prompt":"hi", "model" : "base","stream":true}""";
    private const string Rewritten = """{"prompt":"hi", "model" : "base-lora \"2\"","stream":true}""";
    private const string Target = "base-lora \"2\"";

    private ScriptedEngine _engine = null!;
    private RunningEpp _epp = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await ScriptedEngine.StartAsync();
        _epp = await RunningEpp.StartAsync(_engine.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _epp.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task FullDuplex_EngineReadsTheTarget_AndTheClientItsOwnName()
    {
        using var envoy = _epp.Exchange();
        await envoy.SendHeadersAsync("/v1/completions", ("x-llm-d-model-name-rewrite", Target), ("x-gateway-model-name-rewrite", "other"), ("content-length", $"{Body.Length}"));
        await envoy.SendBodyAsync(Body);

        var request = await envoy.ReadAsync();
        Assert.Equal($"{Rewritten.Length}", request.Set("content-length"));
        Assert.Null(request.Set("x-llm-d-model-name-rewrite"));
        Assert.Equal(Rewritten, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);

        await envoy.SendAnswerHeadersAsync(type: "text/event-stream");
        Assert.Contains("content-length", (await envoy.ReadAsync()).Headers!.Remove);
        // Cut within the name.
        await envoy.SendAnswerBodyAsync("""data: {"model": "base-lo""");
        await envoy.SendAnswerBodyAsync("""ra \"2\"","x":1}""" + "\n\n");
        await envoy.SendAnswerBodyAsync("""data: {"usage":{"prompt_tokens":1,"completion_tokens":3},"model":"base-lora \"2\""}""", endOfStream: true);
        Assert.Equal(
            """data: {"model":"base","x":1}""" + "\n\n" + """data: {"usage":{"prompt_tokens":1,"completion_tokens":3},"model":"base"}""",
            (await envoy.ReadBodyAsync(ProcessingStep.ResponseBody)).Body);

        const string Labels = "model_name=\"base\",target_model_name=\"base-lora";
        Assert.Equal(1, await _epp.MetricAsync("llm_d_epp_request_total", Labels));
        await Eventually.TrueAsync(async () => await _epp.MetricAsync("llm_d_epp_request_output_tokens_sum", Labels) == 3);
        Assert.Equal(1, await _epp.MetricAsync("llm_d_epp_request_ttft_seconds_count", "streaming=\"true\""));
        Assert.Equal(1, await _epp.MetricAsync("llm_d_epp_request_streaming_tpot_seconds_count"));
        Assert.Equal(2, await _epp.MetricAsync("llm_d_epp_request_streaming_itl_seconds_count"));
        Assert.Equal(1, await _epp.MetricAsync("llm_d_epp_request_ntpot_seconds_count"));
    }

    [Fact]
    public async Task Buffered_BodiesAreReplaced_BothWays()
    {
        using var envoy = _epp.Exchange(FakeEnvoy.Buffered);
        await envoy.SendHeadersAsync("/v1/completions", ("x-gateway-model-name-rewrite", Target));
        _ = await envoy.ReadAsync();
        await envoy.SendBodyAsync(Body);

        var request = await envoy.ReadAsync();
        Assert.Equal((BodyMutationKind.Replace, Rewritten), (request.Body.Kind, Encoding.UTF8.GetString(request.Body.Body.ToArray())));
        Assert.Equal($"{Rewritten.Length}", request.Set("content-length"));

        await envoy.SendAnswerHeadersAsync();
        _ = await envoy.ReadAsync();
        await envoy.SendAnswerBodyAsync("""{"model":"base-lora \"2\""}""", endOfStream: true);
        var answer = await envoy.ReadAsync();
        Assert.Equal((BodyMutationKind.Replace, """{"model":"base"}"""), (answer.Body.Kind, Encoding.UTF8.GetString(answer.Body.Body.ToArray())));
    }

    [Fact]
    public async Task SameModel_ChangesNothing()
    {
        using var envoy = _epp.Exchange();
        await envoy.SendHeadersAsync("/v1/completions", ("x-llm-d-model-name-rewrite", "base"));
        await envoy.SendBodyAsync(Body);
        _ = await envoy.ReadAsync();
        Assert.Equal(Body, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);
        await envoy.SendAnswerHeadersAsync();
        Assert.Empty((await envoy.ReadAsync()).Headers!.Remove);
    }

    [Fact]
    public void Names_AreTurnedBack_HoweverTheAnswerIsCut()
    {
        const string Answer = """{"text":"\"model\":\"served\"","model":"served","m":"model":"serve","model": "served"}""" + "\"model\": \"ser";
        var expected = Answer.Replace("\"model\":\"served\"", "\"model\":\"asked\"", StringComparison.Ordinal).Replace("\"model\": \"served\"", "\"model\":\"asked\"", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(Answer);
        for (var size = 1; size <= bytes.Length; size++)
        {
            var back = new ModelNameBack(new ModelRewrite("asked", "served", default));
            var passed = new StringBuilder();
            for (var at = 0; at < bytes.Length; at += size)
            {
                var piece = new ReadOnlySequence<byte>(bytes, at, Math.Min(size, bytes.Length - at));
                _ = passed.Append(Encoding.UTF8.GetString(back.Pass(piece, endOfStream: at + size >= bytes.Length).ToArray()));
            }

            Assert.Equal(expected, passed.ToString());
        }
    }
}
