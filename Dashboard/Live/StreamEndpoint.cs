using System.Text.Json;

namespace LlmdAspire.Dashboard.Live;

/// <summary><c>GET /api/stream</c>: the parts of the page that changed, as server-sent events.</summary>
internal static class StreamEndpoint
{
    // One browser tab is one watcher; a crowd beyond this sees the page without updates.
    public const int MaxWatchers = 64;

    public static async Task HandleAsync(HttpContext context, StackWatch watch, Interest interest, IHostApplicationLifetime lifetime)
    {
        if (interest.Watchers >= MaxWatchers)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        // Streams never end by themselves; without this they would hold up every shutdown until its deadline.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var watching = interest.Watch();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await SendAsync(context.Response, watch, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watcher left or the service stops: the ordinary end of a stream.
        }
    }

    private static async Task SendAsync(HttpResponse response, StackWatch watch, CancellationToken cancellation)
    {
        WatchedState? sent = null;
        while (true)
        {
            var next = await watch.AfterAsync(sent, cancellation);
            var changed = next.Parts
                .Where(part => sent?.Parts.GetValueOrDefault(part.Key) != part.Value)
                .ToDictionary(part => part.Key, part => part.Value);
            sent = next;

            // An event without parts still says "alive": the page shows when it last heard of us.
            await response.WriteAsync($"event: parts\ndata: {JsonSerializer.Serialize(changed)}\n\n", cancellation);
            await response.Body.FlushAsync(cancellation);
        }
    }
}
