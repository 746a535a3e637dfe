using LlmdAspire.Router.Forwarding;

namespace LlmdAspire.Router.Requests;

/// <summary>The wait between two attempts.</summary>
internal sealed class RetryPause(RetryOptions options, RouterMetrics metrics)
{
    /// <summary>Waits; returns early when the request is cut, which the caller sees at its next look.</summary>
    public async ValueTask WaitAsync(Exchange exchange, int attempt, CancellationToken clientGone)
    {
        var wait = options.BackoffAfter(attempt, Random.Shared.NextDouble());
        metrics.Retried(exchange.Rules.Route, attempt, wait);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clientGone, exchange.WhenCut);
        try
        {
            await Task.Delay(wait, either.Token);
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            // Cut while waiting.
        }
    }
}
