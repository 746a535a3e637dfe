namespace LlmdAspire.Protocols.Grpc;

/// <summary>A call ended with a status other than OK. Thrown by a server's handler, it becomes the status of the call.</summary>
public sealed class GrpcException : Exception
{
    public GrpcException(GrpcStatusCode code, string message, Exception? inner = null)
        : this(new GrpcStatus(code, message), trailers: null, inner)
    {
    }

    public GrpcException(GrpcStatus status, GrpcMetadata? trailers = null, Exception? inner = null)
        : base($"{status.Code}: {status.Message}", inner)
    {
        Status = status;
        Trailers = trailers ?? GrpcMetadata.Empty;
    }

    public GrpcStatus Status { get; }

    /// <summary>What the other side sent along with the status.</summary>
    public GrpcMetadata Trailers { get; }
}
