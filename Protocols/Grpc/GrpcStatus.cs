using System.Globalization;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>How a call ended, and why.</summary>
public readonly record struct GrpcStatus(GrpcStatusCode Code, string Message = "")
{
    public static readonly GrpcStatus Ok = new(GrpcStatusCode.Ok);

    private static readonly string[] s_codes = [.. Enumerable.Range(0, 17).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Value of <c>grpc-status</c>.</summary>
    public string CodeText => s_codes[(int)Code];

    /// <summary>Reads the pair <c>grpc-status</c> and <c>grpc-message</c>.</summary>
    public static GrpcStatus Parse(string code, string? message)
    {
        var text = message is null ? "" : PercentText.Decode(message);
        return int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < s_codes.Length
            ? new GrpcStatus((GrpcStatusCode)number, text)
            : new GrpcStatus(GrpcStatusCode.Unknown, text.Length > 0 ? text : $"The server sent the unknown grpc-status '{code}'.");
    }

    /// <summary>What an answer without a gRPC status means, by its HTTP status; a proxy on the way answers so.</summary>
    public static GrpcStatusCode FromHttp(int status) => status switch
    {
        400 => GrpcStatusCode.Internal,
        401 => GrpcStatusCode.Unauthenticated,
        403 => GrpcStatusCode.PermissionDenied,
        404 => GrpcStatusCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    /// <summary>What an HTTP/2 error code (RST_STREAM, GOAWAY) means for the call.</summary>
    public static GrpcStatusCode FromHttp2(long errorCode) => errorCode switch
    {
        0x7 => GrpcStatusCode.Unavailable, // REFUSED_STREAM: never processed, may be tried again
        0x8 => GrpcStatusCode.Cancelled,
        0xb => GrpcStatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => GrpcStatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => GrpcStatusCode.Internal,
    };
}
