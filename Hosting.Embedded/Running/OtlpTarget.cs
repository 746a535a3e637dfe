using System.Net.Sockets;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Where telemetry of this run goes: the dashboard that was started with it, or a receiver the user named.</summary>
internal sealed class OtlpTarget
{
    private const string Grpc = "grpc";
    private const string HttpProtobuf = "http/protobuf";
    private const string HttpJson = "http/json";

    private string? _grpcUrl;
    private string? _httpUrl;
    private bool _guessed;

    /// <summary>Header that the receiver demands, as <c>name=value</c>; null when it demands none.</summary>
    public string? Headers { get; private set; }

    /// <summary>The receiver of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, when the user set it for the AppHost.</summary>
    public string? ChosenByUser { get; private init; }

    /// <summary>
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, else <c>ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL</c> (gRPC) and <c>ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL</c>.
    /// </summary>
    public static OtlpTarget FromConfiguration(IConfiguration configuration)
    {
        var target = new OtlpTarget
        {
            Headers = configuration["OTEL_EXPORTER_OTLP_HEADERS"],
            ChosenByUser = NullIfEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]),
        };
        if (target.ChosenByUser is { } url)
        {
            (target._grpcUrl, target._httpUrl) = configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] is HttpProtobuf or HttpJson ? (null, url) : (url, (string?)null);
        }
        else
        {
            target._grpcUrl = NullIfEmpty(configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]);
            target._httpUrl = NullIfEmpty(configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]);
            target._guessed = true;
        }

        return target;
    }

    /// <summary>Sends everything to a dashboard that was started with the application.</summary>
    public void UseDashboard(Uri? grpc, Uri? http)
    {
        _grpcUrl = grpc?.GetLeftPart(UriPartial.Authority);
        _httpUrl = http?.GetLeftPart(UriPartial.Authority);
        _guessed = false;
        Headers = null;
    }

    /// <summary>
    /// Forgets addresses where nobody listens: launch profiles name the dashboard's address whether or not there is a dashboard,
    /// and exporting to nowhere costs every service retries.
    /// </summary>
    public async Task ForgetAbsentAsync(CancellationToken cancellationToken)
    {
        if (!_guessed)
        {
            return;
        }

        _grpcUrl = await AnswersAsync(_grpcUrl, cancellationToken) ? _grpcUrl : null;
        _httpUrl = await AnswersAsync(_httpUrl, cancellationToken) ? _httpUrl : null;
    }

    /// <summary>Address and protocol for an exporter that may speak only one protocol; null when there is nothing for it.</summary>
    public (string Url, string Protocol)? For(OtlpProtocol? required) => (required, _grpcUrl, _httpUrl) switch
    {
        (OtlpProtocol.HttpProtobuf, _, { } url) => (url, HttpProtobuf),
        (OtlpProtocol.HttpJson, _, { } url) => (url, HttpJson),
        (OtlpProtocol.Grpc or null, { } url, _) => (url, Grpc),
        (null, null, { } url) => (url, HttpProtobuf),
        _ => null,
    };

    private static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;

    private static async Task<bool> AnswersAsync(string? url, CancellationToken cancellationToken)
    {
        if (url is null || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(500));
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(uri.Host, uri.Port, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
