using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>A gRPC client of one server: all calls share one multiplexed HTTP/2 connection, which reconnects by itself.</summary>
/// <remarks>
/// Thread-safe; create one per server and keep it. <c>http</c> speaks HTTP/2 without TLS from the first byte (h2c by prior knowledge), <c>https</c> over TLS.
/// Nothing is retried here. The caller's <see cref="Activity.Current"/> travels along as <c>traceparent</c>; the channel makes no span of its own.
/// </remarks>
public sealed class GrpcChannel : IDisposable
{
    private readonly Uri _address;
    private readonly GrpcChannelOptions _options;
    private readonly HttpMessageInvoker _invoker;
    private readonly ConcurrentDictionary<string, Uri> _methods = new();

    public GrpcChannel(Uri address, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' must start with http:// or https://.", nameof(address));
        }

        _address = address;
        _options = options ?? new GrpcChannelOptions();
        _invoker = new HttpMessageInvoker(Handler(_options));
    }

    /// <summary>Sends one message and returns the answer.</summary>
    /// <remarks>The answer may not keep slices of the wire: they are gone when this returns.</remarks>
    /// <exception cref="GrpcException">The call ended with a status other than OK, the deadline included.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the server is told.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        using var call = Start(method, options, cancellationToken);
        await call.WriteLastAsync(request);
        return await call.ReadOnlyAsync();
    }

    /// <summary>Opens a call on which both sides send as many messages as they like.</summary>
    /// <remarks>Returns at once; what goes wrong is thrown by the first read or write. Dispose it: an unfinished call is then cancelled.</remarks>
    public GrpcCall<TRequest, TResponse> Start<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _methods.GetOrAdd(method.Path, static (path, address) => new Uri(address, path), _address))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var headers = request.Headers;
        _ = headers.TryAddWithoutValidation("te", "trailers");
        _ = headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        if (options.Timeout is { } timeout)
        {
            _ = headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        }

        foreach (var (name, value) in options.Metadata ?? GrpcMetadata.Empty)
        {
            _ = headers.TryAddWithoutValidation(name, value);
        }

        if (Activity.Current is { } activity)
        {
            DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) => ((HttpRequestHeaders)carrier!).TryAddWithoutValidation(name, value));
        }

        return new GrpcCall<TRequest, TResponse>(_invoker, request, method, _options, options.Timeout, cancellationToken);
    }

    /// <summary>Takes no new calls and closes the connection once those under way have ended or were disposed.</summary>
    public void Dispose() => _invoker.Dispose();

    private static SocketsHttpHandler Handler(GrpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            ConnectCallback = HttpDial.OpenAsync,
            PooledConnectionLifetime = options.ConnectionLifetime,
            EnableMultipleHttp2Connections = options.MultipleConnections,
            // The context is written by Start; the handler's own span per call would only repeat the caller's.
            ActivityHeadersPropagator = null,
        };
        if (options.AcceptAnyCertificate)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        }

        return handler;
    }
}
