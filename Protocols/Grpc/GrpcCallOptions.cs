namespace LlmdAspire.Protocols.Grpc;

/// <summary>What one call wants.</summary>
/// <param name="Timeout">After this the call ends with DEADLINE_EXCEEDED on both sides; null for no limit.</param>
/// <param name="Metadata">Sent as headers.</param>
public readonly record struct GrpcCallOptions(TimeSpan? Timeout = null, GrpcMetadata? Metadata = null);
