using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>Keeps gRPC ports and HTTP ports apart: each answers its own kind only.</summary>
public static class GrpcMiddleware
{
    /// <summary>Answers every request on the gRPC ports (see <see cref="GrpcPort"/>) with these methods; requests on other ports pass by.</summary>
    public static IApplicationBuilder UseGrpc(this IApplicationBuilder app, GrpcMethods methods)
    {
        ArgumentNullException.ThrowIfNull(methods);
        return app.Use(next => context => context.Features.Get<GrpcPort.Mark>() is null ? next(context) : AnswerAsync(context, methods));
    }

    private static Task AnswerAsync(HttpContext context, GrpcMethods methods)
    {
        var response = context.Response;
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            context.SetEndpoint(null);
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = HttpMethods.Post;
            return Task.CompletedTask;
        }

        if (!GrpcHeaders.IsGrpc(request.ContentType))
        {
            context.SetEndpoint(null);
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        var endpoint = methods.Find(request.Path.Value ?? "");
        context.SetEndpoint(endpoint);
        if (endpoint is not null)
        {
            return endpoint.RequestDelegate!(context);
        }

        response.ContentType = GrpcHeaders.ContentType;
        GrpcHeaders.WriteStatus(context, new GrpcStatus(GrpcStatusCode.Unimplemented, $"{request.Path.Value} is not a method of this server."), trailers: null);
        return Task.CompletedTask;
    }
}
