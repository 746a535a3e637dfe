using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router.Sidecar;

/// <summary>One request that passes: the headers of this hop, and an end for a stream of events that breaks.</summary>
/// <param name="whenCut">Cancelled when streams must end.</param>
internal sealed class PassedAnswer(HttpContext context, int? rank, bool rankIsPort, CancellationToken whenCut) : HttpTransformer, IAnswerWatcher, IDisposable
{
    private CancellationTokenSource? _ending;

    /// <summary>Why a stream of events broke off; null while none did.</summary>
    public string? BrokenBecause { get; private set; }

    public string? CutReason => whenCut.IsCancellationRequested ? InFlightRequests.Stopping : null;

    public bool TimedOut => false;

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

    public CancellationToken Link(CancellationToken cancellationToken)
    {
        _ending ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, whenCut);
        return _ending.Token;
    }

    public void PassedFirstByte()
    {
    }

    public void Ended(AnswerTail tail, bool isEvents)
    {
    }

    public void Broke(string reason) => BrokenBecause ??= reason;

    public void Dispose() => _ending?.Dispose();
}
