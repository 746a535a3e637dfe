using System.Buffers;
using System.Text;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>What a client may not say does not reach an engine behind a gateway.</summary>
public sealed class ClientParamsTests : IAsyncLifetime
{
    private const string Escaped = """, "kv\u005ftransfer_params":{"remote_host":"evil"}""";
    private const string Plain = """,  "kv_transfer_params":{"remote_host":"evil"}""";
    private const string Body = $$$"""{"model":"m"{{{Escaped}}},"prompt":"\"kv_transfer_params\":1"{{{Plain}}}, "tools":[{"kv_transfer_params":{"a":1}}]}""";

    private static readonly string s_cleaned = Body
        .Replace(Escaped, new string(' ', Escaped.Length), StringComparison.Ordinal)
        .Replace(Plain, new string(' ', Plain.Length), StringComparison.Ordinal);

    private static readonly (string Name, string Value)[] s_headers =
    [
        ("x-prefiller-host-port", "evil:1"), ("x-prefiller-data-parallel-rank", "1"), ("x-data-parallel-rank", "1"), ("x-data-parallel-host-port", "evil:1"), ("x-encoder-hosts-ports", "evil:1"),
        ("x-kv-cache-source-host-port", "evil:1"),
    ];

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

    [Theory]
    [InlineData("/v1/completions")]
    [InlineData("/v1/chat/completions?a=b")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/inference/v1/generate")]
    [InlineData("/v1/%63ompletions")]
    [InlineData("/invocations")]
    public async Task Params_AreBlanked_OnEveryPath_InBothModes(string path)
    {
        using var envoy = _epp.Exchange();
        await envoy.SendHeadersAsync(path, [("content-length", $"{Body.Length}"), .. s_headers]);
        await envoy.SendBodyAsync(Body[..30], endOfStream: false);
        await envoy.SendBodyAsync(Body[30..]);
        var answer = await envoy.ReadAsync();
        Assert.Equal($"{Body.Length}", answer.Set("content-length"));
        AssertRemoved(answer);
        Assert.Equal(s_cleaned, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);

        using var buffering = _epp.Exchange(FakeEnvoy.Buffered);
        await buffering.SendHeadersAsync(path, s_headers);
        _ = await buffering.ReadAsync();
        await buffering.SendBodyAsync(Body);
        answer = await buffering.ReadAsync();
        AssertRemoved(answer);
        Assert.Equal((BodyMutationKind.Replace, s_cleaned), (answer.Body.Kind, Encoding.UTF8.GetString(answer.Body.Body.ToArray())));
    }

    [Fact]
    public async Task BodiesThatAreNoJson_PassWherePathsAreNotKnown()
    {
        const string Form = "--x\r\nContent-Type: application/json\r\n\r\n{\"kv_transfer_params\":1}\r\n--x--";
        using var envoy = _epp.Exchange();
        await envoy.SendHeadersAsync("/v1/audio/transcriptions", ("content-type", "multipart/form-data; boundary=x"));
        await envoy.SendBodyAsync(Form);
        _ = await envoy.ReadAsync();
        Assert.Equal(Form, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);
    }

    [Fact]
    public async Task JsonInAnotherEncoding_IsRefused_OnAnyPath()
    {
        var answer = await _epp.PickAsync("{\0\"\0", "/invocations", ("content-type", "application/json"));

        Assert.Equal((400, "inference error: BadRequest - the request body must be UTF-8"), (answer.Immediate?.StatusCode, answer.Immediate?.Text()));
    }

    [Fact]
    public async Task TrustedClients_SayWhatTheyLike()
    {
        await using var trusting = await RunningEpp.StartAsync(_engine.Url, "--trust-client-kv-params");
        using var envoy = trusting.Exchange();
        await envoy.SendHeadersAsync("/v1/completions", s_headers);
        await envoy.SendBodyAsync(Body);
        Assert.Empty((await envoy.ReadAsync()).Headers!.Remove);
        Assert.Equal(Body, (await envoy.ReadBodyAsync(ProcessingStep.RequestBody)).Body);

        using var buffering = trusting.Exchange(FakeEnvoy.Buffered);
        await buffering.SendHeadersAsync();
        _ = await buffering.ReadAsync();
        await buffering.SendBodyAsync(Body);
        Assert.Equal(BodyMutationKind.None, (await buffering.ReadAsync()).Body.Kind);
    }

    private static void AssertRemoved(ProcessingResponse answer)
    {
        Assert.Equal(s_headers.Select(header => header.Name).Order(), answer.Headers!.Remove.Order());
        Assert.Empty(answer.Headers.Set.Select(change => change.Header.Name).Intersect(s_headers.Select(header => header.Name)));
    }
}
