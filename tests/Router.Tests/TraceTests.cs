using System.Diagnostics;
using System.Net;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

public sealed class TraceTests
{
    [Fact]
    public async Task OneTrace_SpansPickerPrefillAndDecode()
    {
        await using var prefill = await Stages.PrefillAsync();
        await using var decode = await Stages.DecodeAsync();
        await using var picker = await ScriptedPicker.StartAsync(
            ("x-gateway-destination-endpoint", Stages.Authority(decode.Url)), ("x-prefiller-host-port", Stages.Authority(prefill.Url)));
        await using var router = await RunningRouter.StartAsync([], "--epp", picker.Url);
        using var recorder = new SpanRecorder();
        router.Client.DefaultRequestHeaders.Add("traceparent", recorder.TraceParent);

        _ = await router.CompleteAsync();

        var ours = recorder.Spans.Where(span => span.Source.Name == "LlmdAspire.Router").ToArray();
        Assert.Equal(["pick", "prefill", "decode"], ours.Select(span => span.OperationName));
        _ = Assert.Single(ours.Select(span => span.ParentSpanId).Distinct());
        Assert.Contains(ours[0].SpanId.ToString(), picker.Streams.Single().TraceParent);
        Assert.Contains(recorder.TraceId.ToString(), picker.Streams.Single().Headers["traceparent"]);
        Assert.Equal(ours[1].SpanId, ParentOf(recorder, prefill.Received.Single()));
        Assert.Equal(ours[2].SpanId, ParentOf(recorder, decode.Received.Single()));
    }

    // The engine's header names the call's own span, which is a child of the stage's.
    private static ActivitySpanId ParentOf(SpanRecorder recorder, ReceivedRequest request)
    {
        var call = request.Headers["traceparent"].Split('-')[2];
        return recorder.Spans.Single(span => span.SpanId.ToString() == call).ParentSpanId;
    }

    [Fact]
    public async Task EngineThatDiesBetweenHeadersAndFirstByte_CostsTheClientNothing()
    {
        using var recorder = new SpanRecorder();
        await using var dying = new ScriptedSocketEngine(async connection =>
        {
            await connection.SendChunkedHeadersAsync();
            // The router has the headers once its call's span has ended; only then the engine dies.
            await RunningRouter.UntilAsync(() => Task.FromResult(recorder.Spans.Any(span => span.Source.Name == "System.Net.Http")));
            connection.Reset();
        });
        await using var serving = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("yes"));
        await using var router = await RunningRouter.StartAsync(dying.Url, serving.Url);
        router.Client.DefaultRequestHeaders.Add("traceparent", recorder.TraceParent);

        using var response = await router.StreamAsync();

        Assert.Equal((HttpStatusCode.OK, "yes"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(1, dying.Requests);
    }
}
