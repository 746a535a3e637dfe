using System.Net.Sockets;

namespace LlmdAspire.Protocols.Http;

/// <summary>Opens the connections of an HttpClient, so that one that is reset at once fails as every failed connection does.</summary>
/// <remarks>
/// HttpClient of .NET 10 asks a new socket for its peer outside of its own error handling: a peer that accepts and resets at once, as a process
/// does that ends, makes requests throw a bare <see cref="SocketException"/>, which nobody expects. A socket keeps the answer, so it is asked
/// here first, where a failure becomes an <see cref="HttpRequestException"/>.
/// </remarks>
public static class HttpDial
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        new NetworkStream(await ConnectAsync(context, cancellationToken), ownsSocket: true);

    /// <summary>For callbacks that make a stream of their own.</summary>
    public static async ValueTask<Socket> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            _ = socket.RemoteEndPoint;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
