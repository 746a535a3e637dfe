using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LlmdAspire.Tests.Shared.Telemetry;

/// <summary>Receives OTLP on loopback ports, over HTTP (protobuf) and over gRPC, and keeps what it got.</summary>
/// <remarks>Kestrel without ASP.NET's hosting, so that receiving leaves no spans of its own in a test process that exports to it.</remarks>
public sealed class OtlpReceiver : IAsyncDisposable, IHttpApplication<IFeatureCollection>
{
    private readonly KestrelServer _server;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<OtlpMetric> _metrics = new();
    private readonly ConcurrentQueue<OtlpLog> _logs = new();

    private OtlpReceiver()
    {
        var options = new KestrelServerOptions();
        options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Value for <c>--otlp-endpoint</c> or <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; the protocol is <c>http/protobuf</c>.</summary>
    public Uri Url => new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>The same for the protocol <c>grpc</c>.</summary>
    public Uri GrpcUrl => new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Last());

    /// <summary>What a service needs in its environment to export here, soon instead of in batches.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
    };

    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    public IReadOnlyList<OtlpMetric> Metrics => [.. _metrics];

    public IReadOnlyList<OtlpLog> Logs => [.. _logs];

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._server.StartAsync(receiver, CancellationToken.None);
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    async Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context)
    {
        using var copy = new MemoryStream();
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        await request.Body.CopyToAsync(copy);
        ReadOnlyMemory<byte> body = copy.ToArray();
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        var output = context.GetRequiredFeature<IHttpResponseBodyFeature>();
        if (context.Get<IHttpResponseTrailersFeature>() is { } trailers)
        {
            // gRPC: five bytes before the message, an empty message back, the status in a trailer.
            Keep(request.Path.Split('.').Last(), body[GrpcPrefix.Length..]);
            response.Headers.ContentType = "application/grpc";
            await output.Writer.WriteAsync(GrpcPrefix);
            trailers.Trailers["grpc-status"] = "0";
        }
        else
        {
            Keep(request.Path, body);
            response.Headers.ContentType = "application/x-protobuf";
        }

        await output.CompleteAsync();
    }

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing was made for it.
    }

    private static ReadOnlyMemory<byte> GrpcPrefix { get; } = new byte[5];

    private void Keep(string path, ReadOnlyMemory<byte> body)
    {
        switch (path)
        {
            case "/v1/traces" or "TraceService/Export":
                Keep(_spans, OtlpDecoder.Spans(body));
                break;
            case "/v1/metrics" or "MetricsService/Export":
                Keep(_metrics, OtlpDecoder.Metrics(body));
                break;
            case "/v1/logs" or "LogsService/Export":
                Keep(_logs, OtlpDecoder.Logs(body));
                break;
            default:
                throw new InvalidDataException($"OTLP has no path {path}.");
        }
    }

    private static void Keep<T>(ConcurrentQueue<T> all, IEnumerable<T> some)
    {
        foreach (var one in some)
        {
            all.Enqueue(one);
        }
    }
}
