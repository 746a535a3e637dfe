using System.Diagnostics;
using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>Answers the calls of one method: HTTP/2 below, the handler's messages above, every outcome a gRPC status.</summary>
internal sealed class GrpcInvoker<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method, Func<IGrpcReader<TRequest>, IGrpcWriter<TResponse>, GrpcServerCall, Task> handler, GrpcServerOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        AllowLongStreams(context);
        context.Response.ContentType = GrpcHeaders.ContentType;
        context.Response.Headers["grpc-accept-encoding"] = "identity";
        using var deadline = CallDeadline.Of(context);
        var call = new GrpcServerCall(context, deadline.Token);
        var reader = new GrpcFrameReader<TRequest>(context.Request.BodyReader, method.RequestCodec, options.MaxReceiveMessageSize);
        var writer = new GrpcFrameWriter<TResponse>(context.Response.BodyWriter, method.ResponseCodec, options.MaxSendMessageSize);
        GrpcStatus status;
        GrpcMetadata? trailers;
        try
        {
            deadline.ThrowIfMalformed();
            await handler(new CallReader(reader, call), new CallWriter(writer, call), call);
            (status, trailers) = (GrpcStatus.Ok, call.Trailers);
        }
        catch (Exception e)
        {
            status = deadline.Explain(e) ?? Unexpected(context, e);
            trailers = e is GrpcException known && known.Trailers.Count > 0 ? known.Trailers : call.Trailers;
        }

        Describe(context, status);
        if (!context.RequestAborted.IsCancellationRequested)
        {
            GrpcHeaders.WriteStatus(context, status, trailers);
        }
    }

    // Kestrel's limits are for uploads: 30 MB in all, and never slower than 240 bytes/s. A stream may be long and idle.
    private static void AllowLongStreams(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private GrpcStatus Unexpected(HttpContext context, Exception e)
    {
        GrpcLog.HandlerFailed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(GrpcLog.Category), method.Path, e);
        return new GrpcStatus(GrpcStatusCode.Unknown, "The handler failed.");
    }

    private void Describe(HttpContext context, GrpcStatus status)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        span.DisplayName = method.Path[1..];
        _ = span.SetTag("rpc.system", "grpc").SetTag("rpc.service", method.Service).SetTag("rpc.method", method.Name).SetTag("rpc.grpc.status_code", (int)status.Code);
        if (status.Code is GrpcStatusCode.Unknown or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Unimplemented or GrpcStatusCode.Internal or GrpcStatusCode.Unavailable or GrpcStatusCode.DataLoss)
        {
            _ = span.SetStatus(ActivityStatusCode.Error, status.Message);
        }
    }

    /// <summary>Ends a read when the call ends, even if the handler passes no token.</summary>
    private sealed class CallReader(GrpcFrameReader<TRequest> reader, GrpcServerCall call) : IGrpcReader<TRequest>
    {
        public TRequest Current => reader.Current;

        public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default)
        {
            var next = reader.MoveNextAsync(cancellationToken.CanBeCanceled ? cancellationToken : call.CancellationToken);
            return next.IsCompletedSuccessfully ? next : ReadAsync(next);
        }

        // A reset stream may fail the read before the call's token is cancelled. Only here is it known that the failure is the client's and not one of
        // the handler's own files or sockets.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private static async ValueTask<bool> ReadAsync(ValueTask<bool> next)
        {
            try
            {
                return await next;
            }
            catch (IOException e)
            {
                throw new GrpcException(GrpcStatusCode.Cancelled, "The client cancelled the call.", e);
            }
        }
    }

    /// <summary>Sends the headers before the first message, and ends a write when the call ends.</summary>
    private sealed class CallWriter(GrpcFrameWriter<TResponse> writer, GrpcServerCall call) : IGrpcWriter<TResponse>
    {
        public ValueTask WriteAsync(TResponse message, bool more = false, CancellationToken cancellationToken = default)
        {
            var token = cancellationToken.CanBeCanceled ? cancellationToken : call.CancellationToken;
            return call.Context.Response.HasStarted ? writer.WriteAsync(message, more, token) : StartAsync(message, more, token);
        }

        // Kestrel hands out the memory of the body only once the headers are under way.
        private async ValueTask StartAsync(TResponse message, bool more, CancellationToken cancellationToken)
        {
            await call.Context.Response.StartAsync(cancellationToken);
            await writer.WriteAsync(message, more, cancellationToken);
        }
    }
}
