using System.Buffers;
using System.Buffers.Binary;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>The frame around each message: one byte that says whether it is compressed, four of length (big-endian), the message.</summary>
internal static class GrpcFrame
{
    public const int HeaderLength = 5;

    /// <summary>gRPC's usual limit for a message received.</summary>
    public const int DefaultMaxMessageSize = 4 * 1024 * 1024;

    /// <summary>Cuts the first message off a buffer, if it is there completely.</summary>
    /// <param name="buffer">On success, what follows the message.</param>
    /// <exception cref="GrpcException">As soon as the header shows that the message is too large or compressed: it is never waited for.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxMessageSize, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        Check(header[0], length, maxMessageSize);
        if (buffer.Length - HeaderLength < length)
        {
            return false;
        }

        message = buffer.Slice(HeaderLength, length);
        buffer = buffer.Slice(message.End);
        return true;
    }

    public static void WriteHeader(Span<byte> header, int messageLength)
    {
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)messageLength);
    }

    private static void Check(byte flag, uint length, int maxMessageSize)
    {
        if (flag > 1)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"A frame starts with {flag}, which is neither a plain nor a compressed message.");
        }

        if (flag == 1)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The message is compressed; only identity is supported.");
        }

        if (length > maxMessageSize)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"The message has {length} bytes; the limit is {maxMessageSize}.");
        }
    }
}
