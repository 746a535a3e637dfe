namespace LlmdAspire.Protocols.Grpc;

/// <summary>One method of a service: its name on the wire and how its messages are written. Server and client share it.</summary>
/// <param name="Service">With package, for example <c>grpc.health.v1.Health</c>.</param>
/// <param name="Name">For example <c>Check</c>.</param>
public sealed record GrpcMethod<TRequest, TResponse>(
    string Service, string Name, IMessageCodec<TRequest> RequestCodec, IMessageCodec<TResponse> ResponseCodec)
{
    /// <summary>The path of the HTTP request, for example <c>/grpc.health.v1.Health/Check</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}
