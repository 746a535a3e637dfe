using System.Text;
using System.Text.Json;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>Envoy's side played by Google's gRPC and protobuf.</summary>
public sealed class PythonEnvoyTests
{
    private const string Body = """{"model":"test-model","messages":[{"role":"user","content":"größer"}]}""";

    [Fact]
    public async Task FullDuplex_WholeExchange()
    {
        SkipWithoutPython();
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url);

        var (answers, status) = await PlayAsync(epp,
            """{"request_headers": {"headers": {"headers": [{"key": ":path", "raw_value": "L3YxL2NoYXQvY29tcGxldGlvbnM="}]}}, "protocol_config": {"request_body_mode": 4, "response_body_mode": 4}}""",
            $$$"""{"request_body": {"body": "{{{Base64(Body)}}}", "end_of_stream": true}}""",
            """{"read": 2}""",
            """{"response_headers": {"headers": {"headers": [{"key": ":status", "value": "200"}]}}}""",
            """{"read": 1}""",
            $$$"""{"response_body": {"body": "{{{Base64("{}")}}}", "end_of_stream": true}}""",
            """{"read": 1}""");

        Assert.Equal("OK", status);
        var response = answers[0].GetProperty("request_headers").GetProperty("response");
        var address = new Uri(engine.Url).Authority;
        Assert.True(response.GetProperty("clear_route_cache").GetBoolean());
        Assert.Equal(address, answers[0].GetProperty("dynamic_metadata").GetProperty("envoy.lb").GetProperty("x-gateway-destination-endpoint").GetString());
        Assert.Contains(response.GetProperty("header_mutation").GetProperty("set_headers").EnumerateArray(), header =>
            header.GetProperty("header").GetProperty("key").GetString() == "x-gateway-destination-endpoint"
            && Text(header.GetProperty("header").GetProperty("raw_value")) == address);
        var piece = answers[1].GetProperty("request_body").GetProperty("response").GetProperty("body_mutation").GetProperty("streamed_response");
        Assert.Equal((Body, true), (Text(piece.GetProperty("body")), piece.GetProperty("end_of_stream").GetBoolean()));
        Assert.True(answers[2].TryGetProperty("response_headers", out _));
        Assert.Equal("{}", Text(answers[3].GetProperty("response_body").GetProperty("response").GetProperty("body_mutation").GetProperty("streamed_response").GetProperty("body")));
    }

    [Fact]
    public async Task Buffered_PickComesWithTheBody()
    {
        SkipWithoutPython();
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url);

        var (answers, status) = await PlayAsync(epp,
            """{"request_headers": {"headers": {"headers": [{"key": ":path", "value": "/v1/chat/completions"}]}}, "protocol_config": {"request_body_mode": 2, "response_body_mode": 2}}""",
            """{"read": 1}""",
            $$$"""{"request_body": {"body": "{{{Base64(Body)}}}", "end_of_stream": true}}""",
            """{"read": 1}""");

        Assert.Equal("OK", status);
        Assert.False(answers[0].TryGetProperty("dynamic_metadata", out _));
        Assert.True(answers[1].GetProperty("request_body").GetProperty("response").GetProperty("clear_route_cache").GetBoolean());
        Assert.True(answers[1].TryGetProperty("dynamic_metadata", out _));
    }

    [Fact]
    public async Task EmptyPool_Gets503AndTheEndOfTheCall()
    {
        SkipWithoutPython();
        await using var epp = await RunningEpp.StartAsync("");

        var (answers, status) = await PlayAsync(epp,
            """{"request_headers": {"headers": {"headers": [{"key": ":path", "value": "/v1/completions"}]}}}""",
            $$$"""{"request_body": {"body": "{{{Base64("""{"model":"m","prompt":"x"}""")}}}", "end_of_stream": true}}""",
            """{"read": 1}""");

        Assert.Equal("OK", status);
        Assert.Equal(503, answers[0].GetProperty("immediate_response").GetProperty("status").GetProperty("code").GetInt32());
        Assert.StartsWith("inference error: ServiceUnavailable - ", Text(answers[0].GetProperty("immediate_response").GetProperty("body")), StringComparison.Ordinal);
    }

    private static void SkipWithoutPython()
    {
        if (PythonGrpc.Missing is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static async Task<(JsonElement[] Answers, string Status)> PlayAsync(RunningEpp epp, params string[] steps)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, steps);
            await using var python = PythonGrpc.Start(Path.Combine(AppContext.BaseDirectory, "envoy.py"), epp.GrpcUrl.Authority, file);
            _ = await python.WaitForExitAsync();
            var lines = python.Output;
            Assert.True(lines.Count > 0, string.Join('\n', python.Errors));
            return ([.. lines.SkipLast(1).Select(line => JsonDocument.Parse(line).RootElement)], lines[^1]["STATUS ".Length..]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(JsonElement base64) => Encoding.UTF8.GetString(base64.GetBytesFromBase64());
}
