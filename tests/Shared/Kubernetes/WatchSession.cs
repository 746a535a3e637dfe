using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>One stream of a watch.</summary>
internal sealed class WatchSession(ClusterState cluster, ClusterKind kind, ApiCall call, int pieceBytes)
{
    private readonly Channel<Order> _orders = Channel.CreateUnbounded<Order>();
    private readonly ObjectSelector _selector = new(call["labelSelector"], call["fieldSelector"]);

    /// <summary>Says how far the stream is.</summary>
    public void Bookmark() => _orders.Writer.TryWrite(new Order(IsBookmark: true));

    /// <summary>Ends the stream in good order after some last bytes, so that these arrive.</summary>
    public void End(string lastBytes) => _orders.Writer.TryWrite(new Order(LastBytes: lastBytes));

    /// <summary>Breaks the connection.</summary>
    public void Break() => _orders.Writer.TryWrite(new Order());

    /// <param name="since">Null sends what there is first.</param>
    public async Task RunAsync(HttpContext context, long? since)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (int.TryParse(call["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        try
        {
            var version = since ?? await SendAllAsync(context);
            while (true)
            {
                var change = cluster.NextChange;
                if (cluster.Since(version) is not { } news)
                {
                    await SendAsync(context, "ERROR", FakeApiServer.StatusOf(410, "Expired", $"too old resource version: {version}"));
                    return;
                }

                foreach (var one in news)
                {
                    version = one.Version;
                    if (one.Kind == kind && one.Namespace == call.Namespace && _selector.EventOf(one) is var (type, target))
                    {
                        await SendAsync(context, type, target);
                    }
                }

                while (_orders.Reader.TryRead(out var order))
                {
                    if (!order.IsBookmark)
                    {
                        if (order.LastBytes is not { } last)
                        {
                            context.Abort();
                            return;
                        }

                        await WriteAsync(context, last);
                        return;
                    }

                    if (call["allowWatchBookmarks"] == "true")
                    {
                        await SendAsync(context, "BOOKMARK", BookmarkAt(version));
                    }
                }

                _ = await Task.WhenAny(change, _orders.Reader.WaitToReadAsync(end.Token).AsTask());
                end.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader left, or the time that it asked for is over.
        }
    }

    private async Task<long> SendAllAsync(HttpContext context)
    {
        var (items, version) = cluster.List(kind, call.Namespace);
        foreach (var item in items.Where(_selector.Matches))
        {
            await SendAsync(context, "ADDED", item);
        }

        return version;
    }

    private JsonObject BookmarkAt(long version) => new()
    {
        ["kind"] = kind.Name,
        ["apiVersion"] = kind.ApiVersion,
        ["metadata"] = new JsonObject { ["resourceVersion"] = ClusterState.Text(version), ["creationTimestamp"] = null },
    };

    private Task SendAsync(HttpContext context, string type, JsonObject target) =>
        WriteAsync(context, $$"""{"type":"{{type}}","object":{{target.ToJsonString()}}}""" + "\n");

    private async Task WriteAsync(HttpContext context, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var piece = pieceBytes > 0 ? pieceBytes : Math.Max(bytes.Length, 1);
        for (var at = 0; at < bytes.Length; at += piece)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)));
            await context.Response.Body.FlushAsync();
        }
    }

    /// <summary>What a test wants of the stream: a bookmark, or its end.</summary>
    /// <param name="LastBytes">Null breaks the connection.</param>
    private sealed record Order(bool IsBookmark = false, string? LastBytes = null);
}
