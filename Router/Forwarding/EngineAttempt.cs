using System.Net.Http.Headers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Forwarding;

/// <summary>One attempt: shapes what goes to the engine and what comes back, and remembers how it went.</summary>
internal sealed class EngineAttempt(Exchange exchange, EngineLeg leg, BodyStream? body, ForwardingOptions options, bool lastAttempt)
    : HttpTransformer, IAnswerWatcher, IDisposable
{
    private CancellationTokenSource? _ending;
    private ProcessingRequest? _forThePicker;

    /// <summary>The engine's status, 0 before it answered.</summary>
    public int Status { get; private set; }

    /// <summary>The answer goes to the client.</summary>
    public bool Accepted { get; private set; }

    /// <summary>Why the answer broke off; null while it did not.</summary>
    public string? BrokenBecause { get; private set; }

    public string? CutReason => exchange.CutReason;

    public bool TimedOut => exchange.TimedOut;

    /// <summary>Cancelled when the attempt must end: the client left, or the request was cut.</summary>
    public CancellationToken Link(CancellationToken cancellationToken)
    {
        _ending ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, exchange.WhenCut);
        return _ending.Token;
    }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        EngineRequestHeaders.Apply(proxyRequest, httpContext.Request.Headers, leg, options);
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        Status = (int)proxyResponse.StatusCode;
        if (!lastAttempt && AnotherMayDoBetter())
        {
            return false;
        }

        Accepted = true;
        _ = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        Announce(httpContext.Response.Headers);
        _forThePicker = exchange.Pick is null ? null : PickerMessages.AnswerHeaders(Status, proxyResponse, leg.Worker);

        var isEvents = proxyResponse.Content.Headers.ContentType is { MediaType: "text/event-stream" };
        if (isEvents)
        {
            // An error event may follow what the engine announced.
            httpContext.Response.Headers.ContentLength = null;
        }

        // Asked of what the engine sent, which the relay that takes its place does not tell.
        var mayEndWithError = isEvents && proxyResponse.Content.Headers.ContentEncoding.Count == 0;
        var endsWithDone = isEvents && exchange.Rules.RequiresJson && RelayedContent.HasNoFrame(proxyResponse);
        proxyResponse.Content = new RelayedContent(proxyResponse.Content, inner => new RelayedStream(inner, this)
        {
            ClientGone = httpContext.RequestAborted,
            MayEndWithError = mayEndWithError,
            EndsWithDone = endsWithDone,
        });
        return true;
    }

    /// <summary>The first byte is on its way to the client: no other attempt can follow.</summary>
    /// <remarks>Streams live long, bodies need not: one that was sent to its end is returned now.</remarks>
    public void PassedFirstByte()
    {
        exchange.SawFirstByte();
        TellPicker();
        if (body is { AtEnd: true })
        {
            body.Close();
            exchange.ReleaseBody();
        }
    }

    /// <summary>The answer is whole; an empty one had no first byte.</summary>
    public void Ended(AnswerTail tail, bool isEvents)
    {
        exchange.Usage = tail.FindUsage();
        TellPicker();
        exchange.Pick?.AnswerEnded(tail.TakeLastEvents(isEvents));
    }

    public void Broke(string reason) => BrokenBecause ??= reason;

    public void Dispose()
    {
        body?.Close();
        _ending?.Dispose();
    }

    // Not at the headers: as long as no byte passed, another engine may still answer.
    private void TellPicker()
    {
        if (_forThePicker is { } headers)
        {
            exchange.Pick?.AnswerBegan(headers);
        }
    }

    private bool AnotherMayDoBetter() =>
        exchange.Rules.AskEveryWorker ? Status is < 200 or >= 300 : RetryOptions.IsRetryable(Status);

    private void Announce(IHeaderDictionary headers)
    {
        headers["x-request-id"] = exchange.RequestId;
        ErrorAnswer.AddRetryAfter(headers, Status);
        if (!options.HideEndpoint)
        {
            headers["x-llmd-endpoint"] = leg.Endpoint;
        }
    }
}
