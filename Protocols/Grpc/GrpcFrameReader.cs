using System.Buffers;
using System.IO.Pipelines;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>Reads messages from a pipe. Several that arrived together are handed out without another look at the pipe.</summary>
internal sealed class GrpcFrameReader<T>(PipeReader pipe, IMessageCodec<T> codec, int maxMessageSize) : IGrpcReader<T>
{
    private ReadOnlySequence<byte> _rest;
    private bool _holdsBuffer;
    private bool _isCompleted;

    public T Current { get; private set; } = default!;

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default) =>
        _holdsBuffer && TryTake() ? new ValueTask<bool>(true) : ReadMoreAsync(cancellationToken);

    private async ValueTask<bool> ReadMoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Only now is the memory of the last message given back, and the sender's window opened by as much.
            var endsInside = _holdsBuffer && !_rest.IsEmpty;
            if (_holdsBuffer)
            {
                _holdsBuffer = false;
                pipe.AdvanceTo(_rest.Start, _rest.End);
            }

            if (_isCompleted)
            {
                return endsInside ? throw new GrpcException(GrpcStatusCode.Internal, "The stream ended inside a message.") : false;
            }

            var result = await pipe.ReadAsync(cancellationToken);
            _rest = result.Buffer;
            _holdsBuffer = true;
            _isCompleted = result.IsCompleted;
            if (TryTake())
            {
                return true;
            }
        }
    }

    private bool TryTake()
    {
        if (!GrpcFrame.TryRead(ref _rest, maxMessageSize, out var message))
        {
            return false;
        }

        try
        {
            Current = codec.Read(message);
            return true;
        }
        catch (InvalidDataException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"The message cannot be read: {e.Message}", e);
        }
    }
}
