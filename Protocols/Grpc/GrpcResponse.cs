using System.Net;
using System.Net.Http.Headers;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>What the headers and trailers of an HTTP answer mean for the call.</summary>
internal static class GrpcResponse
{
    /// <summary>Whether the headers already say how the call ended: a status without a body ("trailers only"), or no gRPC at all.</summary>
    public static bool TryGetImmediateStatus(HttpResponseMessage response, out GrpcStatus status)
    {
        if (Find(response.Headers, "grpc-status") is { } code)
        {
            status = GrpcStatus.Parse(code, Find(response.Headers, "grpc-message"));
            return true;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            status = new GrpcStatus(GrpcStatus.FromHttp((int)response.StatusCode), $"The server answered HTTP {(int)response.StatusCode} without a gRPC status.");
            return true;
        }

        var contentType = response.Content.Headers.ContentType?.MediaType;
        if (contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
        {
            status = new GrpcStatus(GrpcStatusCode.Unknown, $"The server answered with content type '{contentType}', which is not gRPC.");
            return true;
        }

        status = default;
        return false;
    }

    public static GrpcStatus StatusOf(HttpResponseHeaders trailers) =>
        Find(trailers, "grpc-status") is { } code
            ? GrpcStatus.Parse(code, Find(trailers, "grpc-message"))
            : new GrpcStatus(GrpcStatusCode.Unknown, "The server ended the call without a status.");

    public static GrpcMetadata MetadataOf(HttpResponseHeaders headers)
    {
        GrpcMetadata? metadata = null;
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                (metadata ??= new GrpcMetadata()).AddReceived(name, value);
            }
        }

        return metadata ?? GrpcMetadata.Empty;
    }

    private static string? Find(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
