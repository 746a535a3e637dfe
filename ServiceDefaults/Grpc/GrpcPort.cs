using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>A port that speaks gRPC and nothing else.</summary>
public static class GrpcPort
{
    // Envoy opens a stream per HTTP request on few connections; Kestrel's 100 would make requests queue behind each other.
    private const int MaxStreamsPerConnection = 10_000;

    // Shared by all streams of a connection: with Kestrel's 1 MiB one slow handler with a large body would hold up the others.
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;

    /// <summary>Listens for gRPC: HTTP/2 only, without TLS (prior knowledge) or with it.</summary>
    /// <param name="certificate">
    /// Called for each connection, so a renewed certificate is taken up without a restart; it must be cheap. Null for no TLS.
    /// </param>
    /// <remarks>The limits it raises hold for all HTTP/2 ports of the server. HTTP/1.1 requests get 400 from Kestrel, anything else is disconnected, and so is who says too little for as long as headers may take.</remarks>
    public static void ListenGrpc(this KestrelServerOptions kestrel, IPAddress address, int port, Func<X509Certificate2>? certificate = null)
    {
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Listen(address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                _ = listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificate() });
            }

            _ = listen.Use(next => connection =>
            {
                connection.Features.Set(Mark.Instance);
                return PrefaceDeadline.RunAsync(connection, next, kestrel.Limits.RequestHeadersTimeout);
            });
        });
    }

    /// <summary>On the connections of such a port.</summary>
    internal sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
