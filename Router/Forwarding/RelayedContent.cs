using System.Net;

namespace LlmdAspire.Router.Forwarding;

/// <summary>An engine's answer whose body is read through a <see cref="RelayedStream"/>.</summary>
internal sealed class RelayedContent(HttpContent engine, Func<Stream, RelayedStream> relay) : HttpContent
{
    /// <summary>Where neither a length nor chunks frame an answer, a dead engine looks like a finished one.</summary>
    public static bool HasNoFrame(HttpResponseMessage response) =>
        response.Content.Headers.ContentLength is null && response.Headers.TransferEncodingChunked != true;

    protected override async Task<Stream> CreateContentReadStreamAsync() => relay(await engine.ReadAsStreamAsync());

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        relay(await engine.ReadAsStreamAsync(cancellationToken));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using var body = relay(await engine.ReadAsStreamAsync());
        await body.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            engine.Dispose();
        }

        base.Dispose(disposing);
    }
}
