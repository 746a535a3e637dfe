using System.Buffers;
using System.Text;

namespace LlmdAspire.Protocols.Protobuf;

/// <summary>Walks the fields of one protobuf message without copying it.</summary>
/// <remarks>
/// <code>while (reader.Next()) switch ((reader.Field, reader.Type)) { case (1, WireType.Bytes): ...; default: reader.Skip(); }</code>
/// A field must be read or skipped before the next. A known field with an unexpected wire type falls into the default, as with unknown fields.
/// Malformed input throws <see cref="InvalidDataException"/>; nothing is ever read beyond the message.
/// </remarks>
public ref struct ProtoReader(in ReadOnlySequence<byte> message)
{
    private const int MaxField = (1 << 29) - 1;

    private SequenceReader<byte> _reader = new(message);

    /// <summary>Number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>How that field is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>Moves to the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    public bool Next()
    {
        if (_reader.End)
        {
            return false;
        }

        var tag = ReadVarint();
        var field = tag >> 3;
        var type = (WireType)(tag & 7);
        if (field is 0 or > MaxField || type is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
        {
            throw new InvalidDataException($"Protobuf tag {tag} is neither a field of a known wire type nor within range.");
        }

        Field = (int)field;
        Type = type;
        return true;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!_reader.TryRead(out var octet))
            {
                throw Truncated();
            }

            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A protobuf varint is longer than ten bytes.");
    }

    // Ints are written as 64-bit varints and cut to 32 bits by every reader.
    public int ReadInt32() => unchecked((int)ReadVarint());

    public long ReadInt64() => unchecked((long)ReadVarint());

    public bool ReadBool() => ReadVarint() != 0;

    public double ReadDouble() =>
        _reader.TryReadLittleEndian(out long bits) ? BitConverter.Int64BitsToDouble(bits) : throw Truncated();

    /// <summary>The bytes of a string, bytes or message field: a slice of the message, valid as long as the message is.</summary>
    public ReadOnlySequence<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_reader.Remaining)
        {
            throw Truncated();
        }

        var bytes = _reader.UnreadSequence.Slice(0, (long)length);
        _reader.Advance((long)length);
        return bytes;
    }

    public string ReadString()
    {
        var bytes = ReadBytes();
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Passes over the field that <see cref="Next"/> found.</summary>
    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                _ = ReadVarint();
                break;
            case WireType.Bytes:
                _ = ReadBytes();
                break;
            default:
                var width = Type == WireType.Fixed64 ? 8 : 4;
                if (_reader.Remaining < width)
                {
                    throw Truncated();
                }

                _reader.Advance(width);
                break;
        }
    }

    private static InvalidDataException Truncated() => new("A protobuf message ends inside a field.");
}
