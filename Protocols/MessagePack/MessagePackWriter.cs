using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LlmdAspire.Protocols.MessagePack;

/// <summary>Writes MessagePack values, numbers in their shortest form, into memory that the caller's buffer gives.</summary>
/// <remarks>Each call writes a whole value or head; the writer itself holds nothing back.</remarks>
public readonly struct MessagePackWriter(IBufferWriter<byte> output)
{
    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Writes the head of an array; so many values must follow.</summary>
    public void WriteArrayHeader(int count) => WriteCount(count, MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32);

    /// <summary>Writes the head of a map; so many pairs must follow.</summary>
    public void WriteMapHeader(int count) => WriteCount(count, MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32);

    /// <summary>Writes a signed integer.</summary>
    public void Write(long value)
    {
        switch (value)
        {
            case >= 0:
                Write((ulong)value);
                break;
            case >= -32:
                WriteByte((byte)value);
                break;
            case >= sbyte.MinValue:
                WriteBigEndian(MessagePackCode.Int8, (ulong)value, 1);
                break;
            case >= short.MinValue:
                WriteBigEndian(MessagePackCode.Int16, (ulong)value, 2);
                break;
            case >= int.MinValue:
                WriteBigEndian(MessagePackCode.Int32, (ulong)value, 4);
                break;
            default:
                WriteBigEndian(MessagePackCode.Int64, (ulong)value, 8);
                break;
        }
    }

    /// <summary>Writes an unsigned integer.</summary>
    public void Write(ulong value)
    {
        switch (value)
        {
            case <= MessagePackCode.MaxPositiveFixInt:
                WriteByte((byte)value);
                break;
            case <= byte.MaxValue:
                WriteBigEndian(MessagePackCode.UInt8, value, 1);
                break;
            case <= ushort.MaxValue:
                WriteBigEndian(MessagePackCode.UInt16, value, 2);
                break;
            case <= uint.MaxValue:
                WriteBigEndian(MessagePackCode.UInt32, value, 4);
                break;
            default:
                WriteBigEndian(MessagePackCode.UInt64, value, 8);
                break;
        }
    }

    /// <summary>Writes a 64-bit floating-point number.</summary>
    public void Write(double value) => WriteBigEndian(MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(value), 8);

    /// <summary>Writes text given as UTF-8.</summary>
    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= 31)
        {
            WriteByte((byte)(MessagePackCode.FixStr | utf8.Length));
        }
        else
        {
            WriteBlobHeader(utf8.Length, MessagePackCode.Str8);
        }

        output.Write(utf8);
    }

    /// <summary>Writes text.</summary>
    public void WriteText(string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        Span<byte> utf8 = size <= 256 ? stackalloc byte[256] : new byte[size];
        WriteText(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>Writes a byte string.</summary>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteBlobHeader(bytes.Length, MessagePackCode.Bin8);
        output.Write(bytes);
    }

    /// <summary>Writes an array of token ids, faster than one by one.</summary>
    public void WriteTokenIds(ReadOnlySpan<int> tokens)
    {
        WriteArrayHeader(tokens.Length);
        while (!tokens.IsEmpty)
        {
            // In pieces, so that a long prompt does not ask the buffer for one huge stretch.
            var part = tokens[..Math.Min(tokens.Length, 1024)];
            var span = output.GetSpan(part.Length * 5);
            var at = 0;
            foreach (var token in part)
            {
                at += WriteTokenId(span[at..], token);
            }

            output.Advance(at);
            tokens = tokens[part.Length..];
        }
    }

    private static int WriteTokenId(Span<byte> span, int token)
    {
        switch ((uint)token)
        {
            case <= MessagePackCode.MaxPositiveFixInt:
                span[0] = (byte)token;
                return 1;
            case <= byte.MaxValue:
                span[0] = MessagePackCode.UInt8;
                span[1] = (byte)token;
                return 2;
            case <= ushort.MaxValue:
                span[0] = MessagePackCode.UInt16;
                BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)token);
                return 3;
            case <= int.MaxValue:
                span[0] = MessagePackCode.UInt32;
                BinaryPrimitives.WriteInt32BigEndian(span[1..], token);
                return 5;
            default:
                throw new ArgumentOutOfRangeException(nameof(token), token, "Token ids are not negative.");
        }
    }

    private void WriteCount(int count, byte fix, byte wide16, byte wide32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= 15)
        {
            WriteByte((byte)(fix | count));
        }
        else if (count <= ushort.MaxValue)
        {
            WriteBigEndian(wide16, (ulong)count, 2);
        }
        else
        {
            WriteBigEndian(wide32, (ulong)count, 4);
        }
    }

    private void WriteBlobHeader(int length, byte family)
    {
        var step = length <= byte.MaxValue ? 0 : length <= ushort.MaxValue ? 1 : 2;
        WriteBigEndian((byte)(family + step), (ulong)length, 1 << step);
    }

    private void WriteByte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private void WriteBigEndian(byte code, ulong value, int width)
    {
        var span = output.GetSpan(9);
        span[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value << (64 - (8 * width)));
        output.Advance(1 + width);
    }
}
