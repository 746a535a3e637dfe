using LlmdAspire.ServiceDefaults.Tests.Tiny;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Telemetry;

namespace LlmdAspire.ServiceDefaults.Tests.Telemetry;

/// <summary>Real processes export to a real receiver.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task OneRequestThroughTwoServices_IsOneTrace()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var engine = Start(receiver, "engine");
        var engineUrl = await engine.WaitForUrlAsync();
        await using var front = Start(receiver, "front");
        var frontUrl = await front.WaitForUrlAsync();
        using var client = new HttpClient();

        await client.GetStringAsync(new Uri(frontUrl, $"/call?url={engineUrl}hello/you"));
        await Eventually.TrueAsync(() => receiver.Spans.Count >= 3);

        var server = Assert.Single(receiver.Spans, span => span is { Service: "front", Source: "Microsoft.AspNetCore" });
        var call = Assert.Single(receiver.Spans, span => span is { Service: "front", Source: "System.Net.Http" });
        var behind = Assert.Single(receiver.Spans, span => span.Service == "engine");
        Assert.Equal("GET /call", server.Name);
        Assert.Equal("", server.ParentId);
        Assert.Equal(server.SpanId, call.ParentId);
        Assert.Equal(call.SpanId, behind.ParentId);
        Assert.Equal([server.TraceId], receiver.Spans.Select(span => span.TraceId).Distinct());
        Assert.Equal("GET /hello/{name}", behind.Name);
        Assert.Equal(
            ("GET", "/hello/{name}", "200", "/hello/you", "http"),
            (behind.Attributes["http.request.method"], behind.Attributes["http.route"], behind.Attributes["http.response.status_code"],
                behind.Attributes["url.path"], behind.Attributes["url.scheme"]));
        Assert.False(behind.IsError);
    }

    [Fact]
    public async Task Errors_AreMarkedOn5xxAndOnExceptions_NotOn404()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var tiny = Start(receiver, "tiny");
        using var client = new HttpClient { BaseAddress = await tiny.WaitForUrlAsync() };

        foreach (var path in (string[])["/broken", "/busy", "/nowhere"])
        {
            using var answer = await client.GetAsync(path);
        }

        await Eventually.TrueAsync(() => receiver.Spans.Count >= 3);
        OtlpSpan Of(string path) => Assert.Single(receiver.Spans, span => span.Attributes["url.path"] == path);
        Assert.Equal((true, "500", "System.InvalidOperationException"), (Of("/broken").IsError, Of("/broken").Attributes["http.response.status_code"], Of("/broken").Attributes["error.type"]));
        Assert.Equal((true, "503", "GET /busy"), (Of("/busy").IsError, Of("/busy").Attributes["http.response.status_code"], Of("/busy").Name));
        Assert.Equal((false, "404", "GET"), (Of("/nowhere").IsError, Of("/nowhere").Attributes["http.response.status_code"], Of("/nowhere").Name));
    }

    [Fact]
    public async Task ProbesAndExports_LeaveNoSpans()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var tiny = Start(receiver, "tiny");
        var url = await tiny.WaitForUrlAsync();
        using var client = new HttpClient { BaseAddress = url };

        foreach (var path in (string[])["/health", "/alive", "/metrics", "/version", "/readiness", "/liveness"])
        {
            using var answer = await client.GetAsync(path);
        }

        // A call to another's probe leaves the caller's own span only.
        await client.GetStringAsync($"/call?url={url}alive");
        await Eventually.TrueAsync(() => receiver.Metrics.Count > 0);
        await tiny.SignalAsync("TERM");
        Assert.Equal(0, await tiny.WaitForExitAsync());

        Assert.Equal(["GET /call"], receiver.Spans.Select(span => span.Name));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    [InlineData(null)]
    public async Task StoppingFlushes_TracesMetricsAndLogs(string? protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var endpoint = protocol == "http/protobuf" ? receiver.Url : receiver.GrpcUrl;
        var environment = protocol is null ? [] : new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol };
        await using var tiny = ChildProgram.Start(typeof(TinyService).Assembly, [TinyFlags.ProgramName, "--otlp-endpoint", endpoint.ToString()], environment);
        using var client = new HttpClient { BaseAddress = await tiny.WaitForUrlAsync() };

        await client.GetStringAsync("/hello/you");
        await tiny.SignalAsync("TERM");

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Equal("tiny-service", Assert.Single(receiver.Spans).Service);
        Assert.Contains(receiver.Metrics, metric => metric.Name == "http.server.request.duration");
        Assert.Contains(receiver.Metrics, metric => metric.Meter == "System.Runtime");
        Assert.Contains(receiver.Logs, log => log.Text.Contains("listens on", StringComparison.Ordinal) && log.Service == "tiny-service");
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task AbsentReceiver_ChangesNothingAndIsNotLogged(string protocol)
    {
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{TestPorts.Free()}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "10",
        };
        await using var tiny = ChildProgram.Start(typeof(TinyService).Assembly, [TinyFlags.ProgramName], environment);
        using var client = new HttpClient { BaseAddress = await tiny.WaitForUrlAsync() };

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("Hello you", await client.GetStringAsync("/hello/you"));
        }

        await tiny.SignalAsync("TERM");
        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Equal(2, tiny.Output.Count);
        Assert.Empty(tiny.Errors);
    }

    private static ChildProgram Start(OtlpReceiver receiver, string name) => ChildProgram.Start(
        typeof(TinyService).Assembly,
        [TinyFlags.ProgramName],
        new Dictionary<string, string>(receiver.Environment) { ["OTEL_SERVICE_NAME"] = name });
}
