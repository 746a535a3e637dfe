using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Sidecar;

/// <summary>One request that passes: the headers of this hop, and an end for a stream of events that breaks, falls silent or must end.</summary>
/// <param name="patience">The longest silence within a stream of events.</param>
/// <param name="whenCut">Cancelled when streams must end.</param>
internal sealed class PassedAnswer(HttpContext context, int? rank, bool rankIsPort, TimeSpan patience, CancellationToken whenCut) : HttpTransformer, IAnswerWatcher, IDisposable
{
    private CancellationTokenSource? _silence;
    private CancellationToken _forwarding;

    /// <summary>How a stream of events failed whose client was told; null while none did.</summary>
    public string? FailureTold { get; private set; }

    public string? CutReason => whenCut.IsCancellationRequested ? InFlightRequests.Stopping : TimedOut ? "the engine was silent for longer than --request-timeout-secs allows" : null;

    public bool TimedOut => _silence is { IsCancellationRequested: true } && !_forwarding.IsCancellationRequested && !whenCut.IsCancellationRequested;

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = proxyRequest.Headers;
        EngineRequestHeaders.RemoveOfThisHop(headers, httpContext.Request.Headers);
        EngineRequestHeaders.RemoveRouting(headers);
        EngineRequestHeaders.SetRank(headers, rankIsPort ? null : rank);
        EngineRequestHeaders.AddVia(headers);
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (!await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken) || proxyResponse is null)
        {
            return false;
        }

        var content = proxyResponse.Content.Headers;
        if (content.ContentType is { MediaType: "text/event-stream" } && content.ContentEncoding.Count == 0)
        {
            // An error event may follow what the engine announced.
            httpContext.Response.Headers.ContentLength = null;
            var endsWithDone = RelayedContent.HasNoFrame(proxyResponse);
            proxyResponse.Content = new RelayedContent(proxyResponse.Content, inner => new RelayedStream(inner, this)
            {
                ClientGone = context.RequestAborted,
                MayEndWithError = true,
                EndsWithDone = endsWithDone,
            });
        }

        return true;
    }

    // Called for each read, which is when waiting begins. A limit that passed while the client was slow to take what came says nothing about the engine.
    public CancellationToken Link(CancellationToken cancellationToken)
    {
        if (_silence is null or { IsCancellationRequested: true })
        {
            _forwarding = cancellationToken;
            _silence?.Dispose();
            _silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, whenCut);
        }

        _silence.CancelAfter(patience);
        return _silence.Token;
    }

    public void PassedFirstByte()
    {
    }

    public void Ended(AnswerTail tail, bool isEvents)
    {
    }

    public void Broke(string reason) => FailureTold ??= TimedOut ? "timeout" : "stream_broken";

    public void Dispose() => _silence?.Dispose();
}
