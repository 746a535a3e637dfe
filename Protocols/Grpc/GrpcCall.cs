using System.IO.Pipelines;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>One call of a client: a writer for its messages and a reader for the server's, which may run at the same time.</summary>
/// <remarks>
/// One reader and one writer at a time. Disposing an unfinished call resets its stream, which cancels the handler on the server;
/// a read or write that is under way then throws <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class GrpcCall<TRequest, TResponse> : IGrpcReader<TResponse>, IGrpcWriter<TRequest>, IDisposable
{
    private static readonly StreamPipeReaderOptions s_pipeOptions = new(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true, useZeroByteReads: true);

    private readonly GrpcMethod<TRequest, TResponse> _method;
    private readonly GrpcChannelOptions _options;
    private readonly CallLifetime _lifetime;
    private readonly OpenRequestContent _content = new();
    private readonly Task<HttpResponseMessage> _response;
    private GrpcFrameWriter<TRequest>? _writer;
    private PipeWriter? _writerPipe;
    private GrpcFrameReader<TResponse>? _reader;
    private PipeReader? _readerPipe;
    private volatile bool _hasSent;
    private bool _isFinished;

    internal GrpcCall(
        HttpMessageInvoker invoker, HttpRequestMessage request, GrpcMethod<TRequest, TResponse> method, GrpcChannelOptions options, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _method = method;
        _options = options;
        _lifetime = new CallLifetime(timeout, cancellationToken);
        request.Content = _content;
        _response = SendAsync(invoker, request);
    }

    public TResponse Current => _reader is { } reader ? reader.Current : default!;

    /// <summary>What the server sent after its last message; empty before the call has ended.</summary>
    public GrpcMetadata Trailers { get; private set; } = GrpcMetadata.Empty;

    /// <summary>Waits for the server's headers, which may come long before its first message.</summary>
    public async ValueTask<GrpcMetadata> GetHeadersAsync()
    {
        try
        {
            return GrpcResponse.MetadataOf((await AnswerAsync(_lifetime.Token)).Headers);
        }
        catch (Exception e) when (e is not GrpcException)
        {
            throw _lifetime.Explain(e);
        }
    }

    public ValueTask WriteAsync(TRequest message, bool more = false, CancellationToken cancellationToken = default)
    {
        _lifetime.ThrowIfEnded(cancellationToken);
        _hasSent |= !more;
        return _writer is { } writer && !cancellationToken.CanBeCanceled
            ? Explained(writer.WriteAsync(message, more, _lifetime.Token))
            : WriteSlowAsync(message, more, cancellationToken);
    }

    /// <summary>Says that no further message follows.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            _hasSent = true;
            var writer = await OpenAsync(cancellationToken);
            await writer.FlushAsync(cancellationToken);
            // Everything is flushed: this gives the buffers back without touching the stream.
            _writerPipe!.Complete();
            _content.Complete();
        }
        catch (Exception e) when (e is not GrpcException)
        {
            throw _lifetime.Explain(e);
        }
    }

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default)
    {
        if (_reader is { } reader && !cancellationToken.CanBeCanceled)
        {
            return FinishAsync(reader.MoveNextAsync(_lifetime.Token));
        }

        return MoveNextSlowAsync(cancellationToken);
    }

    public void Dispose()
    {
        if (!_isFinished)
        {
            _lifetime.Cancel();
            _content.Fail(new OperationCanceledException("The call was disposed."));
        }

        _ = DisposeResponseAsync();
        _lifetime.Dispose();
    }

    /// <summary>Sends the only message of a unary call.</summary>
    internal async ValueTask WriteLastAsync(TRequest message)
    {
        try
        {
            await WriteAsync(message, more: true);
            await CompleteAsync();
        }
        catch (GrpcException e) when (e.Status.Code != GrpcStatusCode.ResourceExhausted)
        {
            // The server may answer before it has read everything; its status says more than our broken write.
        }
    }

    /// <summary>Reads the only message of a unary call.</summary>
    internal async ValueTask<TResponse> ReadOnlyAsync()
    {
        if (!await MoveNextAsync())
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"{_method.Path} answered OK without a message.");
        }

        var answer = Current;
        return await MoveNextAsync() ? throw new GrpcException(GrpcStatusCode.Internal, $"{_method.Path} answered with more than one message.") : answer;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        try
        {
            return await invoker.SendAsync(request, _lifetime.Token);
        }
        catch (Exception e)
        {
            _content.Fail(e);
            throw;
        }
    }

    private async ValueTask<GrpcFrameWriter<TRequest>> OpenAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
        {
            _writerPipe = await _content.Opened.WaitAsync(cancellationToken);
            _writer = new GrpcFrameWriter<TRequest>(_writerPipe, _method.RequestCodec, _options.MaxSendMessageSize);
        }

        return _writer;
    }

    private async ValueTask<HttpResponseMessage> AnswerAsync(CancellationToken cancellationToken)
    {
        if (!_hasSent && !_response.IsCompleted)
        {
            await _content.FlushHeadersAsync(cancellationToken);
        }

        // The request itself already waits for the call's own token.
        return await (cancellationToken == _lifetime.Token ? _response : _response.WaitAsync(cancellationToken));
    }

    private CancellationTokenSource? LinkedTo(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_lifetime.Token, cancellationToken) : null;

    private async ValueTask WriteSlowAsync(TRequest message, bool more, CancellationToken cancellationToken)
    {
        using var linked = LinkedTo(cancellationToken);
        var token = linked?.Token ?? _lifetime.Token;
        try
        {
            await (await OpenAsync(token)).WriteAsync(message, more, token);
        }
        catch (Exception e) when (e is not GrpcException && !cancellationToken.IsCancellationRequested)
        {
            throw _lifetime.Explain(e);
        }
    }

    private ValueTask Explained(ValueTask write)
    {
        return write.IsCompletedSuccessfully ? default : AwaitAsync(write);

        async ValueTask AwaitAsync(ValueTask write)
        {
            try
            {
                await write;
            }
            catch (Exception e) when (e is not GrpcException)
            {
                throw _lifetime.Explain(e);
            }
        }
    }

    private async ValueTask<bool> MoveNextSlowAsync(CancellationToken cancellationToken)
    {
        using var linked = LinkedTo(cancellationToken);
        var token = linked?.Token ?? _lifetime.Token;
        try
        {
            if (_reader is null)
            {
                if (_isFinished)
                {
                    return false;
                }

                var response = await AnswerAsync(token);
                if (GrpcResponse.TryGetImmediateStatus(response, out var status))
                {
                    return End(status, GrpcResponse.MetadataOf(response.Headers));
                }

                _readerPipe = PipeReader.Create(await response.Content.ReadAsStreamAsync(token), s_pipeOptions);
                _reader = new GrpcFrameReader<TResponse>(_readerPipe, _method.ResponseCodec, _options.MaxReceiveMessageSize);
            }

            return await FinishAsync(_reader.MoveNextAsync(token));
        }
        catch (Exception e) when (e is not GrpcException && !cancellationToken.IsCancellationRequested)
        {
            throw _lifetime.Explain(e);
        }
    }

    private async ValueTask<bool> FinishAsync(ValueTask<bool> next)
    {
        // An async method that completes synchronously allocates nothing, so messages that arrived together stay cheap.
        try
        {
            if (await next)
            {
                return true;
            }
        }
        catch (Exception e) when (e is not GrpcException)
        {
            throw _lifetime.Explain(e);
        }

        if (_isFinished)
        {
            return false;
        }

        _readerPipe!.Complete();
        var trailers = (await _response).TrailingHeaders;
        return End(GrpcResponse.StatusOf(trailers), GrpcResponse.MetadataOf(trailers));
    }

    private bool End(GrpcStatus status, GrpcMetadata trailers)
    {
        _isFinished = true;
        Trailers = trailers;
        // The server wants nothing more, whether or not our side was complete.
        _content.Complete();
        return status.Code == GrpcStatusCode.Ok ? false : throw new GrpcException(status, trailers);
    }

    private async Task DisposeResponseAsync()
    {
        try
        {
            (await _response).Dispose();
        }
        catch (Exception)
        {
            // Whoever read or wrote has seen it; a call that nobody looked at may fail unseen.
        }
    }
}
