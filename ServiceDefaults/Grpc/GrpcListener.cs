using System.Security.Cryptography.X509Certificates;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>A gRPC port of a service.</summary>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Certificate">For TLS, asked for each connection; null for none. See <see cref="GrpcPort.ListenGrpc"/>.</param>
public sealed record GrpcListener(int Port, Func<X509Certificate2>? Certificate = null);
