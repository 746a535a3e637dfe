using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>What a handler may know about the call it answers.</summary>
public sealed class GrpcServerCall
{
    private GrpcMetadata? _headers;

    internal GrpcServerCall(HttpContext context, CancellationToken cancellationToken)
    {
        Context = context;
        CancellationToken = cancellationToken;
    }

    /// <summary>The HTTP request below; its body belongs to the reader and its response to the writer.</summary>
    public HttpContext Context { get; }

    /// <summary>Cancelled when the client cancels or goes away, when its deadline passes, or when the server is stopped hard.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The client's metadata.</summary>
    public GrpcMetadata Headers => _headers ??= GrpcHeaders.MetadataOf(Context.Request.Headers);

    /// <summary>Sent after the last message, together with the status.</summary>
    public GrpcMetadata Trailers { get; } = new();
}
