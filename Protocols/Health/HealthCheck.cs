using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Health;

/// <summary>Asks for one service; the empty name asks for the server as a whole.</summary>
public sealed record HealthCheckRequest(string Service);

public sealed record HealthCheckResponse(ServingStatus Status);

/// <summary>The standard health service of gRPC.</summary>
public static class HealthCheck
{
    public const string Service = "grpc.health.v1.Health";

    /// <summary>The status now.</summary>
    public static readonly GrpcMethod<HealthCheckRequest, HealthCheckResponse> Check =
        new(Service, "Check", HealthCheckRequestCodec.Instance, HealthCheckResponseCodec.Instance);

    /// <summary>The status now and after every change; one request, then a stream of answers.</summary>
    public static readonly GrpcMethod<HealthCheckRequest, HealthCheckResponse> Watch =
        new(Service, "Watch", HealthCheckRequestCodec.Instance, HealthCheckResponseCodec.Instance);
}
