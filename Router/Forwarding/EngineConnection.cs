using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using LlmdAspire.Protocols.Http;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Forwarding;

/// <summary>A connection to an engine that keeps to itself that a write failed: what the engine has to say, it says where it is read.</summary>
/// <remarks>
/// An engine may answer before it has the whole request, such as 413 at the headers, and close. HttpClient reads an answer only after it has
/// written the request, so the failed write would hide it: a refusal would look like a dead engine. Here the rest of the request is dropped
/// instead, and reading gives the answer that has arrived, or the failure where there is none.
/// </remarks>
internal sealed class EngineConnection(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private volatile bool _refused;

    /// <summary>Creates the handler of requests to engines: few and near, so many connections each, no proxy, nothing followed or unpacked on the way.</summary>
    /// <param name="idleFor">How long a connection may be idle; must be shorter than the engines' own patience.</param>
    /// <param name="trustsAny">Certificates are not checked.</param>
    public static SocketsHttpHandler CreateHandler(TimeSpan? idleFor = null, bool trustsAny = false) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = OpenAsync,
        PooledConnectionIdleTimeout = idleFor ?? TimeSpan.FromSeconds(50),
        MaxConnectionsPerServer = int.MaxValue,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = trustsAny ? static (_, certificate, _, _) => certificate is not null : null },
    };

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        new EngineConnection(await HttpDial.ConnectAsync(context, cancellationToken));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_refused)
        {
            return default;
        }

        var writing = base.WriteAsync(buffer, cancellationToken);
        if (!writing.IsCompletedSuccessfully)
        {
            return CompleteAsync(writing);
        }

        // A ValueTask may rest on something that is used again once its result was taken.
        writing.GetAwaiter().GetResult();
        return default;
    }

    private async ValueTask CompleteAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        catch (IOException)
        {
            _refused = true;
        }
    }
}
