using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>A request body that stays open while its owner writes messages into it.</summary>
internal sealed class OpenRequestContent : HttpContent
{
    // HTTP/2 sends frames of at most 16 KiB, so smaller pieces would only mean more of them.
    private static readonly StreamPipeWriterOptions s_pipeOptions = new(minimumBufferSize: 16 * 1024, leaveOpen: true);
    private static readonly MediaTypeHeaderValue s_contentType = new("application/grpc");

    private readonly TaskCompletionSource<PipeWriter> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Stream? _stream;

    public OpenRequestContent() => Headers.ContentType = s_contentType;

    /// <summary>The body, once there is a connection; fails when there will be none.</summary>
    public Task<PipeWriter> Opened => _opened.Task;

    /// <summary>Ends the body; everything written must have been flushed.</summary>
    public void Complete() => _completed.TrySetResult();

    /// <summary>The request failed before or while its body was sent.</summary>
    public void Fail(Exception e)
    {
        _ = _opened.TrySetException(e);
        // Nobody may be waiting for it.
        _ = _opened.Task.Exception;
        _ = _completed.TrySetCanceled();
    }

    /// <summary>Sends the request's headers, which otherwise wait for the first message to save a packet.</summary>
    public async ValueTask FlushHeadersAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await _opened.Task.WaitAsync(cancellationToken);
            await _stream!.FlushAsync(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The answer, which is waited for next, fails with the reason.
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _stream ??= stream;
        if (!_opened.TrySetResult(PipeWriter.Create(stream, s_pipeOptions)))
        {
            // HttpClient would repeat the request on another connection, but the messages are gone.
            throw new GrpcException(GrpcStatusCode.Unavailable, "The connection was closed before the server took the call.");
        }

        await _completed.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
