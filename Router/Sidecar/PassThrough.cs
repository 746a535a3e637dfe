using System.Net;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.ServiceDefaults.Listening;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Hands a request to the engine of this pod and its answer back: nothing is kept or tried again.</summary>
internal sealed class PassThrough(
    IHttpForwarder forwarder, HttpMessageInvoker engines, LocalEngine engine, ForwardingOptions options, PassedStreams streams, RouterMetrics metrics, TimeProvider time)
{
    private const string Route = "engine";

    private readonly ForwarderRequestConfig _config = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        // A moment more than the answer's own limit, which can still tell the client.
        ActivityTimeout = options.RequestTimeout + TimeSpan.FromSeconds(1),
    };

    public async Task HandleAsync(HttpContext context, RequestRoute route)
    {
        var from = time.GetTimestamp();
        using var answer = new PassedAnswer(context, route.Rank, engine.HasPortPerRank, options.RequestTimeout, streams.WhenCut);
        if (!options.TrustClientKvParams && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
        {
            context.Request.Body = new ScreenedStream(context.Request.Body, TransferParamsScanner.MayBeJson(context.Request.ContentType));
        }

        var error = await forwarder.SendAsync(context, engine.DestinationOf(route.Rank), engines, _config, answer);
        var failure = error == ForwarderError.None
            ? answer.FailureTold
            : await SettleAsync(context, error, mayBeLate: time.GetElapsedTime(from) >= options.RequestTimeout);
        if (failure == "stream_broken" || answer.FailureTold is not null)
        {
            // The client was told in the stream; nothing more shall come over this connection.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        metrics.Finished(Route, time.GetElapsedTime(from), null, failure);
    }

    private static async Task<string> SettleAsync(HttpContext context, ForwarderError error, bool mayBeLate)
    {
        if (context.Response.HasStarted)
        {
            // Nothing can be said any more. YARP cancels for a client that left and for an engine that fell silent, which takes its time.
            return error switch
            {
                ForwarderError.ResponseBodyClient => "client_gone",
                ForwarderError.ResponseBodyCanceled => mayBeLate ? "timeout" : "client_gone",
                _ => "stream_broken",
            };
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return "client_gone";
        }

        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var (kind, answer) = Describe(error, cause);
        await ErrorAnswer.WriteAsync(context, answer);
        return kind;
    }

    private static (string Kind, OpenAiError Answer) Describe(ForwarderError error, Exception? cause)
    {
        if (FindMalformed(cause) is { } bad)
        {
            var status = MalformedRequests.StatusOf(bad)!.Value;
            return (status == 413 ? "too_large" : "bad_request", OpenAiError.OfStatus(status, bad.Message));
        }

        if (error is ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled)
        {
            return ("timeout", OpenAiError.OfStatus(504, "The engine was silent for longer than --request-timeout-secs allows."));
        }

        return cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            ? ("no_worker", OpenAiError.OfStatus(503, "The engine of this pod cannot be reached; it may still be loading its model."))
            : ("no_answer", OpenAiError.OfStatus(502, "The engine of this pod broke the connection before it answered."));
    }

    // The body is read while it is sent, so what is wrong with it stands behind a failure to send.
    private static Exception? FindMalformed(Exception? failure) => failure switch
    {
        null => null,
        _ when MalformedRequests.StatusOf(failure) is not null => failure,
        AggregateException several => several.InnerExceptions.Select(FindMalformed).FirstOrDefault(found => found is not null),
        _ => FindMalformed(failure.InnerException),
    };
}
