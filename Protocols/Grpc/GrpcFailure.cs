using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>Turns what HttpClient throws into the status that gRPC has for it.</summary>
internal static class GrpcFailure
{
    public static GrpcException Of(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case GrpcException known:
                    return known;
                case HttpProtocolException protocol:
                    return new GrpcException(GrpcStatus.FromHttp2(protocol.ErrorCode), $"The server reset the call: {protocol.Message}", e);
                case SocketException socket:
                    return new GrpcException(GrpcStatusCode.Unavailable, $"The server cannot be reached or went away: {socket.Message}", e);
                case AuthenticationException tls:
                    return new GrpcException(GrpcStatusCode.Unavailable, $"The TLS handshake failed: {tls.Message}", e);
            }
        }

        return e switch
        {
            HttpRequestException or IOException => new GrpcException(GrpcStatusCode.Unavailable, $"The connection failed: {e.Message}", e),
            OperationCanceledException => new GrpcException(GrpcStatusCode.Cancelled, "The server ended the call before it was sent completely.", e),
            ObjectDisposedException => new GrpcException(GrpcStatusCode.Cancelled, "The call has ended.", e),
            _ => new GrpcException(GrpcStatusCode.Internal, e.Message, e),
        };
    }
}
