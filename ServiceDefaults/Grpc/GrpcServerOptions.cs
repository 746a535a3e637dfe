namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>What a gRPC server accepts and sends.</summary>
public sealed record GrpcServerOptions
{
    /// <summary>Larger messages from clients end the call with RESOURCE_EXHAUSTED, before they are buffered. gRPC's usual 4 MiB.</summary>
    public int MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Larger answers end the call with RESOURCE_EXHAUSTED.</summary>
    public int MaxSendMessageSize { get; init; } = int.MaxValue;
}
