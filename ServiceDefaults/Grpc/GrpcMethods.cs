using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>The gRPC methods that a service answers, each with its handler.</summary>
/// <remarks>
/// Handlers end a call with a status by throwing <see cref="GrpcException"/>. Any other exception is logged and becomes UNKNOWN without details,
/// except that a cancelled call becomes CANCELLED or DEADLINE_EXCEEDED. Filled before the server starts, only read afterwards.
/// </remarks>
public sealed class GrpcMethods(GrpcServerOptions? options = null)
{
    private readonly GrpcServerOptions _options = options ?? new GrpcServerOptions();
    private readonly Dictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);

    /// <summary>A method with one message each way. The request may keep slices of the wire until the handler has ended.</summary>
    public GrpcMethods AddUnary<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, Func<TRequest, GrpcServerCall, ValueTask<TResponse>> handler) =>
        Add(method, async (reader, writer, call) => await writer.WriteAsync(await handler(await OnlyAsync(reader, call), call), more: true, call.CancellationToken));

    /// <summary>A method with one request and any number of answers.</summary>
    public GrpcMethods AddServerStreaming<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, Func<TRequest, IGrpcWriter<TResponse>, GrpcServerCall, Task> handler) =>
        Add(method, async (reader, writer, call) => await handler(await OnlyAsync(reader, call), writer, call));

    /// <summary>A method with any number of messages each way, read and written at the same time if the handler likes. The call ends when the handler does.</summary>
    public GrpcMethods AddDuplex<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, Func<IGrpcReader<TRequest>, IGrpcWriter<TResponse>, GrpcServerCall, Task> handler) =>
        Add(method, handler);

    /// <summary>What answers a path such as <c>/grpc.health.v1.Health/Check</c>; null for an unknown method.</summary>
    internal Endpoint? Find(string path) => _endpoints.GetValueOrDefault(path);

    private static async ValueTask<T> OnlyAsync<T>(IGrpcReader<T> reader, GrpcServerCall call) =>
        await reader.MoveNextAsync(call.CancellationToken)
            ? reader.Current
            : throw new GrpcException(GrpcStatusCode.Internal, "The call ended without the request message.");

    private GrpcMethods Add<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, Func<IGrpcReader<TRequest>, IGrpcWriter<TResponse>, GrpcServerCall, Task> handler)
    {
        var invoker = new GrpcInvoker<TRequest, TResponse>(method, handler, _options);
        // An endpoint with its route, so that spans and metrics name the method.
        var metadata = new EndpointMetadataCollection(new Route(method.Path));
        _endpoints.Add(method.Path, new RouteEndpoint(invoker.InvokeAsync, RoutePatternFactory.Parse(method.Path), order: 0, metadata, method.Path));
        return this;
    }

    private sealed class Route(string path) : IRouteDiagnosticsMetadata
    {
        string IRouteDiagnosticsMetadata.Route => path;
    }
}
