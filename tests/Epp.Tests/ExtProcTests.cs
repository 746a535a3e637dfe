using System.Buffers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>The conversation with Envoy, over real connections.</summary>
public sealed class ExtProcTests : IAsyncLifetime
{
    private const string Body = """{"model":"test-model","prompt":"hello"}""";

    private static readonly string[] s_removed =
        ["x-data-parallel-rank", "x-prefiller-host-port", "x-prefiller-data-parallel-rank", "x-encoder-hosts-ports", "x-data-parallel-host-port", "x-kv-cache-source-host-port"];

    private ScriptedEngine _engine = null!;

    public async ValueTask InitializeAsync() => _engine = await ScriptedEngine.StartAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private string Address => new Uri(_engine.Url).Authority;

    [Fact]
    public async Task FullDuplex_HeadersAreAnsweredOnceTheBodyIsThere_ThenTheBodyItself()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync("/v1/completions", ("x-request-id", "abc"), ("x-custom", "kept"), ("content-length", "999"), ("x-data-parallel-rank", "7"));
        await envoy.SendBodyAsync(Body[..10], endOfStream: false);
        await envoy.SendBodyAsync(Body[10..]);

        var headers = await envoy.ReadAsync();
        Assert.Equal(ProcessingStep.RequestHeaders, headers.Step);
        Assert.True(headers.ClearsRouteCache);
        Assert.Equal(Address, headers.Set("x-gateway-destination-endpoint"));
        Assert.Equal(Address, headers.Metadata());
        Assert.Equal(("abc", "kept"), (headers.Set("x-request-id"), headers.Set("x-custom")));
        Assert.Equal(Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), headers.Set("content-length"));
        Assert.Null(headers.Set("x-data-parallel-rank"));
        Assert.Equal(s_removed.Order(), headers.Headers!.Remove.Order());
        Assert.DoesNotContain(headers.Headers.Set, change => change.Header.Name.StartsWith(':'));
        Assert.Equal(Body, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);
    }

    [Fact]
    public async Task FullDuplex_LargeBodies_ComeBackInPieces()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange();
        var body = $$"""{"model":"m","prompt":"{{new string('x', 150_000)}}"}""";
        await envoy.SendHeadersAsync();
        await envoy.SendBodyAsync(body);

        _ = await envoy.ReadAsync();
        var (echo, sizes) = await envoy.ReadBodyAsync(ProcessingStep.RequestBody);

        Assert.Equal(body, echo);
        Assert.Equal([62_000, 62_000, body.Length - 124_000], sizes);
    }

    [Fact]
    public async Task Buffered_HeadersAreAnsweredAtOnce_AndThePickComesWithTheBody()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange(FakeEnvoy.Buffered);
        await envoy.SendHeadersAsync();

        var headers = await envoy.ReadAsync();
        Assert.Equal(ProcessingStep.RequestHeaders, headers.Step);
        Assert.True(headers.Headers is null or { IsEmpty: true });
        Assert.Null(headers.DynamicMetadata);

        await envoy.SendBodyAsync(Body);

        var body = await envoy.ReadAsync();
        Assert.Equal(ProcessingStep.RequestBody, body.Step);
        Assert.True(body.ClearsRouteCache);
        Assert.Equal((Address, Address), (body.Set("x-gateway-destination-endpoint"), body.Metadata()));
        Assert.Equal(BodyMutationKind.None, body.Body.Kind);
        Assert.Null(body.Set("content-length"));

        await envoy.SendAnswerHeadersAsync();
        Assert.Equal("true", (await envoy.ReadAsync()).Set("x-went-into-resp-headers"));
        await envoy.SendAnswerBodyAsync("{}", endOfStream: true);
        Assert.Equal((ProcessingStep.ResponseBody, BodyMutationKind.None), ((await envoy.ReadAsync()) is var answer ? answer.Step : default, answer.Body.Kind));
    }

    [Fact]
    public async Task BodyMode_ComesFromTheFlagWhereEnvoyIsSilent()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url, "--request-body-mode", "buffered");
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync();

        Assert.Null((await envoy.ReadAsync()).DynamicMetadata);
    }

    [Fact]
    public async Task RequestWithoutBody_GoesAnywhereAtOnce()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync("/v1/models", endOfStream: true, metadata: null);

        var answer = await envoy.ReadAsync();

        Assert.Equal((ProcessingStep.RequestHeaders, Address), (answer.Step, answer.Metadata()));
        Assert.NotEqual(Guid.Empty, Guid.Parse(answer.Set("x-request-id")!));
    }

    [Fact]
    public async Task Answers_PassPieceByPieceWithTheSameBytes_AndUsageIsCounted()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync();
        await envoy.SendBodyAsync(Body);
        _ = await envoy.ReadAsync();
        _ = await envoy.ReadBodyAsync(ProcessingStep.RequestBody);
        Assert.Equal(1, epp.Pool.All[0].RequestsInFlight);

        await envoy.SendAnswerHeadersAsync(type: "text/event-stream");
        var headers = await envoy.ReadAsync();
        Assert.Equal(("true", "text/event-stream"), (headers.Set("x-went-into-resp-headers"), headers.Set("content-type")));
        foreach (var piece in new[] { "data: {\"choices\":[]}\n\n", "data: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n" })
        {
            await envoy.SendAnswerBodyAsync(piece);
            var echo = await envoy.ReadAsync();
            Assert.Equal(piece, System.Text.Encoding.UTF8.GetString(echo.Body.Body.ToArray()));
            Assert.False(echo.Body.EndOfStream);
        }

        await envoy.SendAnswerBodyAsync("", endOfStream: true);
        Assert.True((await envoy.ReadAsync()).Body.EndOfStream);
        await Eventually.TrueAsync(() => epp.Pool.All[0].RequestsInFlight == 0);
        Assert.Equal(3, await epp.MetricAsync("llm_d_epp_request_output_tokens_sum"));
        Assert.Equal(7, await epp.MetricAsync("llm_d_epp_request_input_tokens_sum"));
    }

    [Fact]
    public async Task ClientThatGoesAway_IsNotInFlightAnyMore()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using (var envoy = epp.Exchange())
        {
            await envoy.SendHeadersAsync();
            await envoy.SendBodyAsync(Body);
            _ = await envoy.ReadAsync();
            Assert.Equal(1, epp.Pool.All[0].RequestsInFlight);
        }

        await Eventually.TrueAsync(() => epp.Pool.All[0].RequestsInFlight == 0 && epp.Pool.All[0].TokensInFlight == 0);
        await Eventually.TrueAsync(async () => await epp.MetricAsync("llm_d_epp_extproc_streams_inflight") == 0);
        Assert.Equal(1, await epp.MetricAsync("llm_d_epp_extproc_streams_total", "code=\"Canceled\""));
        Assert.Equal(1, await epp.MetricAsync("llm_d_epp_extproc_stream_duration_seconds_count"));
        Assert.Equal(0, epp.Services.GetService<ByteBudget>().Used);
    }

    [Theory]
    [InlineData("/v1/completions", "{not json", 400)]
    [InlineData("/v1/chat/completions", """{"messages":[]}""", 400)]
    [InlineData("/v1/completions", "", 400)]
    public async Task BadRequests_AreAnsweredAtOnce(string path, string body, int status)
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);

        var answer = await epp.PickAsync(body, path);

        Assert.Equal((ProcessingStep.ImmediateResponse, status), (answer.Step, answer.Immediate!.StatusCode));
        Assert.StartsWith("inference error: BadRequest - ", answer.Immediate.Text(), StringComparison.Ordinal);
        Assert.Empty(answer.Immediate.Headers.Set);
    }

    [Fact]
    public async Task EmptyPool_Gets503WithTheReason_AndThePickerStaysHealthy()
    {
        await using var epp = await RunningEpp.StartAsync("");

        var answer = await epp.PickAsync(Body);

        Assert.Equal(503, answer.Immediate!.StatusCode);
        Assert.Equal("rejected-no-endpoints", Assert.Single(answer.Immediate.Headers.Set).Header.Text);
        Assert.True((await epp.Http.GetAsync("/health")).IsSuccessStatusCode);
        Assert.Equal(1, await epp.MetricAsync("llm_d_epp_request_error_total", "error_code=\"ServiceUnavailable\""));
    }

    [Fact]
    public async Task EmptyPool_RequestWithoutBody_Gets500InLlmdsWords()
    {
        await using var epp = await RunningEpp.StartAsync("");
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync("/v1/models", endOfStream: true, metadata: null);

        var answer = await envoy.ReadAsync();

        Assert.Equal((500, "inference error: Internal - no pods available in datastore"), (answer.Immediate!.StatusCode, answer.Immediate.Text()));
        Assert.True(await envoy.EndsAsync());
    }

    [Fact]
    public async Task FiltersThatLeaveNobody_Get429()
    {
        await using var epp = await RunningEpp.StartAsync($"{_engine.Url};llm-d.ai/role=prefill", "--config-text", "{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: decode-filter}]}");

        var answer = await epp.PickAsync(Body);

        Assert.Equal((429, "rejected-saturated"), (answer.Immediate!.StatusCode, answer.Immediate.Headers.Set[0].Header.Text));
    }

    [Fact]
    public async Task TooLargeBody_Gets413()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url, "--max-payload-size", "100");

        Assert.Equal(413, (await epp.PickAsync($$"""{"model":"m","prompt":"{{new string('x', 200)}}"}""")).Immediate!.StatusCode);
    }

    [Fact]
    public async Task SubsetHint_LimitsTheChoiceByAddress_AndAnEmptyOneLeavesNobody()
    {
        await using var epp = await RunningEpp.StartAsync($"{_engine.Url},http://localhost:{_engine.Port}");
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync("/v1/completions", endOfStream: false, Hint("127.0.0.1:9"));
        await envoy.SendBodyAsync(Body);
        Assert.Equal(Address, (await envoy.ReadAsync()).Metadata());

        using var nobody = epp.Exchange();
        await nobody.SendHeadersAsync("/v1/completions", endOfStream: false, Hint());
        await nobody.SendBodyAsync(Body);
        Assert.Equal(503, (await nobody.ReadAsync()).Immediate!.StatusCode);
    }

    [Fact]
    public async Task RanksAndPrefiller_TravelAsHeaders_AndAreNotRemoved()
    {
        await using var prefill = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync($"{_engine.Url}@3,{prefill.Url}@1;llm-d.ai/role=prefill", "--config-text", """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins: [{type: prefill-filter}, {type: decode-filter}, {type: always-disagg-pd-decider}, {type: disagg-profile-handler, parameters: {deciders: {prefill: always-disagg-pd-decider}}}]
            schedulingProfiles: [{name: prefill, plugins: [{pluginRef: prefill-filter}]}, {name: decode, plugins: [{pluginRef: decode-filter}]}]
            """);

        var answer = await epp.PickAsync(Body);

        Assert.Equal(Address, answer.Metadata());
        Assert.Equal("3", answer.Set("x-data-parallel-rank"));
        Assert.Equal(new Uri(prefill.Url).Authority, answer.Set("x-prefiller-host-port"));
        Assert.Equal("1", answer.Set("x-prefiller-data-parallel-rank"));
        Assert.Equal(["x-data-parallel-host-port", "x-encoder-hosts-ports", "x-kv-cache-source-host-port"], answer.Headers!.Remove.Order());
    }

    [Fact]
    public async Task ConditionalRequest_Gets412WhereNothingIsCached()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);

        Assert.Equal(412, (await epp.PickAsync(Body, headers: ("prefer", "if-available"))).Immediate!.StatusCode);
        Assert.NotNull((await epp.PickAsync(Body)).Metadata());
        Assert.NotNull((await epp.PickAsync(Body, headers: ("prefer", "if-available"))).Metadata());
    }

    [Fact]
    public async Task BodyWithTrailers_EndsWithThem()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange();
        await envoy.SendHeadersAsync();
        await envoy.SendBodyAsync(Body, endOfStream: false);
        await envoy.SendAsync(new ProcessingRequest { Step = ProcessingStep.RequestTrailers });

        Assert.Equal(Address, (await envoy.ReadAsync()).Metadata());
        Assert.False((await envoy.ReadAsync()).Body.EndOfStream);
        Assert.Equal(ProcessingStep.RequestTrailers, (await envoy.ReadAsync()).Step);
    }

    [Fact]
    public async Task BodyModesThatShowNoWholeBody_AreRefusedWithTheRemedy()
    {
        await using var epp = await RunningEpp.StartAsync(_engine.Url);
        using var envoy = epp.Exchange(new ProtocolConfiguration(BodySendMode.Streamed, BodySendMode.Streamed, SendsBodyEarly: false));
        await envoy.SendHeadersAsync();

        var refused = await Assert.ThrowsAsync<GrpcException>(envoy.ReadAsync);

        Assert.Equal(GrpcStatusCode.FailedPrecondition, refused.Status.Code);
        Assert.Contains("FULL_DUPLEX_STREAMED or BUFFERED", refused.Message, StringComparison.Ordinal);
    }

    private static StructValue Hint(params string[] endpoints) => StructValue.OfField(
        "envoy.lb.subset_hint", StructValue.OfField("x-gateway-destination-endpoint-subset", StructValue.OfItems([.. endpoints.Select(StructValue.Of)])));
}
