namespace LlmdAspire.Router.Forwarding;

/// <summary>Sends an attempt's request so that cutting the exchange ends the wait for headers too.</summary>
/// <remarks>
/// The forwarder gets no token for this: it would use it for writing to the client as well, and then no error event could follow a cut.
/// </remarks>
internal sealed class AttemptInvoker(HttpMessageHandler handler, EngineAttempt attempt) : HttpMessageInvoker(handler, disposeHandler: false)
{
    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, attempt.Link(cancellationToken));
}
