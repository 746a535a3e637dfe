using System.Buffers.Binary;

namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>The flag byte and the length before each frame: one byte of length, or eight when the long bit is set.</summary>
internal readonly record struct FrameHeader(byte Flags, long Length)
{
    public const byte More = 0x01;
    public const byte Long = 0x02;
    public const byte Command = 0x04;
    public const int MaxSize = 9;

    public bool HasMore => (Flags & More) != 0;

    public bool IsCommand => (Flags & Command) != 0;

    /// <summary>Bytes that <see cref="Write"/> takes for a body of this length.</summary>
    public static int SizeFor(long length) => length > byte.MaxValue ? MaxSize : 2;

    /// <summary>Reads a header; false when more bytes are needed.</summary>
    /// <exception cref="ZmtpProtocolException">Reserved flags, a command with the more bit, or a length of 2^63 and above.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header, out int size)
    {
        header = default;
        size = 2;
        if (source.Length < 2)
        {
            return false;
        }

        var flags = source[0];
        if (flags > (More | Long | Command) || (flags & (More | Command)) == (More | Command))
        {
            throw new ZmtpProtocolException($"a frame begins with the flags 0x{flags:x2}, which ZMTP 3.1 reserves");
        }

        if ((flags & Long) == 0)
        {
            header = new FrameHeader(flags, source[1]);
            return true;
        }

        size = MaxSize;
        if (source.Length < MaxSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt64BigEndian(source[1..]);
        if (length < 0)
        {
            throw new ZmtpProtocolException("a frame claims a length beyond 2^63 bytes");
        }

        header = new FrameHeader(flags, length);
        return true;
    }

    /// <summary>Writes a header in its shortest form and returns its size.</summary>
    public static int Write(Span<byte> destination, byte flags, long length)
    {
        if (length <= byte.MaxValue)
        {
            destination[0] = flags;
            destination[1] = (byte)length;
            return 2;
        }

        destination[0] = (byte)(flags | Long);
        BinaryPrimitives.WriteInt64BigEndian(destination[1..], length);
        return MaxSize;
    }
}
