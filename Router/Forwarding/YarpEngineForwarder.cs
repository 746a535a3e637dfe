using System.Net;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Forwarding;

/// <summary>Makes attempts through YARP's direct forwarder.</summary>
internal sealed class YarpEngineForwarder(IHttpForwarder forwarder, SocketsHttpHandler engines, ForwardingOptions options) : IEngineForwarder
{
    // Engines speak HTTP/1.1. The exchange has its own time limit; YARP's would end a stream that thinks for long.
    private readonly ForwarderRequestConfig _config = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = options.RequestTimeout + TimeSpan.FromMinutes(1),
    };

    public async ValueTask<ForwardOutcome> ForwardAsync(HttpContext context, Exchange exchange, EngineLeg leg, bool lastAttempt)
    {
        // What an attempt before left in the response would reach the client, and YARP refuses to forward over it.
        context.Response.Clear();
        var body = leg.Body.IsEmpty ? null : new BodyStream(leg.Body);
        if (body is not null)
        {
            context.Request.Body = body;
        }

        using var attempt = new EngineAttempt(exchange, leg, body, options, lastAttempt);
        using var invoker = new AttemptInvoker(engines, attempt);
        var error = await forwarder.SendAsync(context, leg.Worker.Destination, invoker, _config, attempt);
        return Judge(context, exchange, attempt, error);
    }

    private static ForwardOutcome Judge(HttpContext context, Exchange exchange, EngineAttempt attempt, ForwarderError error)
    {
        if (attempt.BrokenBecause is { } reason)
        {
            var result = context.Response.HasStarted ? ForwardResult.Broken : ForwardResult.NoAnswer;
            return new(result, attempt.Status, reason);
        }

        if (error == ForwarderError.None)
        {
            return new(attempt.Accepted ? ForwardResult.Relayed : ForwardResult.Refused, attempt.Status);
        }

        if (context.RequestAborted.IsCancellationRequested || attempt.Accepted)
        {
            return new(ForwardResult.ClientGone, attempt.Status);
        }

        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var unreachable = cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
        return new(ForwardResult.NoAnswer, 0, exchange.CutReason ?? (cause?.InnerException ?? cause)?.Message ?? error.ToString(), unreachable);
    }
}
