using System.Net.Security;
using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Bench.Client;

/// <summary>The HTTP client of a benchmark: as many connections as requests at a time, nothing added to what is sent.</summary>
internal static class HttpConnections
{
    /// <param name="target">Decides about proxies: this machine is reached directly, whatever the environment says.</param>
    /// <param name="isInsecure">Whether any certificate will do.</param>
    public static HttpMessageInvoker Open(Target target, bool isInsecure)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !target.Api.IsLoopback,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = int.MaxValue,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = HttpDial.OpenAsync,
        };
        if (isInsecure)
        {
#pragma warning disable CA5359 // --insecure asks for exactly this.
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        }

        return new HttpMessageInvoker(handler);
    }
}
