using System.IO.Pipelines;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>Writes messages into a pipe, straight from the codec into the pipe's own memory.</summary>
internal sealed class GrpcFrameWriter<T>(PipeWriter pipe, IMessageCodec<T> codec, int maxMessageSize) : IGrpcWriter<T>
{
    // Half of the window that HTTP/2 starts with: large enough to save packets, small enough that the receiver can already work.
    private const int FlushThreshold = 32 * 1024;

    private long _unflushed;

    public ValueTask WriteAsync(T message, bool more = false, CancellationToken cancellationToken = default)
    {
        var size = codec.Measure(message);
        if (size > maxMessageSize)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"The message to send has {size} bytes; the limit is {maxMessageSize}.");
        }

        GrpcFrame.WriteHeader(pipe.GetSpan(GrpcFrame.HeaderLength), size);
        pipe.Advance(GrpcFrame.HeaderLength);
        codec.Write(message, pipe);
        _unflushed += size + GrpcFrame.HeaderLength;
        return more && _unflushed < FlushThreshold ? default : FlushAsync(cancellationToken);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        var flush = pipe.FlushAsync(cancellationToken);
        if (!flush.IsCompletedSuccessfully)
        {
            return FlushSlowAsync(flush);
        }

        Check(flush.Result);
        return default;
    }

    private static async ValueTask FlushSlowAsync(ValueTask<FlushResult> flush) => Check(await flush);

    private static void Check(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new GrpcException(GrpcStatusCode.Cancelled, "The other side has ended the call.");
        }
    }
}
