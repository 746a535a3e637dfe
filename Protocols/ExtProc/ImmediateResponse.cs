namespace LlmdAspire.Protocols.ExtProc;

/// <summary>An answer that Envoy gives the client in place of the upstream.</summary>
public sealed class ImmediateResponse
{
    /// <summary>HTTP status, for example 429.</summary>
    public required int StatusCode { get; init; }

    /// <summary>Changes to Envoy's own headers, content type included.</summary>
    public HeaderMutation Headers { get; init; } = new();

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Sent to gRPC clients; null leaves it out.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>Why, for Envoy's access log.</summary>
    public string Details { get; init; } = "";
}
