using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>gRPC's headers and trailers in ASP.NET's dictionaries.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";

    /// <summary>Whether a content type is gRPC with protobuf messages: <c>application/grpc</c>, perhaps with <c>+proto</c> or parameters.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = contentType.AsSpan(ContentType.Length);
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["+proto".Length..];
        }

        return rest.IsEmpty || rest[0] is ';' or ' ';
    }

    public static GrpcMetadata MetadataOf(IHeaderDictionary headers)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in headers)
        {
            if (name.StartsWith(':'))
            {
                continue;
            }

            foreach (var value in values)
            {
                metadata.AddReceived(name, value ?? "");
            }
        }

        return metadata;
    }

    /// <summary>Writes how the call ended: as trailers after messages, else as headers of an answer without a body ("trailers only").</summary>
    public static void WriteStatus(HttpContext context, GrpcStatus status, GrpcMetadata? trailers)
    {
        var target = context.Response.HasStarted ? TrailersOf(context) : context.Response.Headers;
        target["grpc-status"] = status.CodeText;
        if (status.Message.Length > 0)
        {
            target["grpc-message"] = PercentText.Encode(status.Message);
        }

        foreach (var (name, value) in trailers ?? GrpcMetadata.Empty)
        {
            target.Append(name, value);
        }
    }

    private static IHeaderDictionary TrailersOf(HttpContext context) =>
        context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
        ?? throw new InvalidOperationException("gRPC needs HTTP/2; this request has no trailers.");
}
