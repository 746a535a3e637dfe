using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LlmdAspire.Protocols.Protobuf;

/// <summary>Writes protobuf fields into a buffer writer; ends with <see cref="Flush"/>, before which nothing is sure to be there.</summary>
/// <remarks>Lengths come first on the wire, so a submessage is announced with the size that <see cref="ProtoSize"/> gave. Pass by reference, never by value.</remarks>
public ref struct ProtoWriter(IBufferWriter<byte> output)
{
    private const int MaxVarint = 10;

    private readonly IBufferWriter<byte> _output = output;
    private Span<byte> _span;
    private int _used;

    /// <summary>Announces a submessage whose fields are written next.</summary>
    public void Message(int field, int size)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)size);
    }

    /// <summary>A bytes field, left out when empty.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Message(field, value.Length);
            Raw(value);
        }
    }

    /// <inheritdoc cref="Bytes(int, ReadOnlySpan{byte})"/>
    public void Bytes(int field, in ReadOnlySequence<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        Message(field, checked((int)value.Length));
        foreach (var segment in value)
        {
            Raw(segment.Span);
        }
    }

    /// <summary>A string field, left out when empty.</summary>
    public void Text(int field, string value)
    {
        if (value.Length == 0)
        {
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Message(field, length);
        Reserve(length);
        _used += Encoding.UTF8.GetBytes(value, _span[_used..]);
    }

    /// <summary>A bool field, left out when false.</summary>
    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0);

    /// <summary>An integer or enum field, left out when zero.</summary>
    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint(field, value);
        }
    }

    /// <summary>An integer, bool or enum field that is written even when zero, as a member of a oneof must be.</summary>
    public void Varint(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Varint(value);
    }

    /// <summary>A double field that is written even when zero.</summary>
    public void Real(int field, double value)
    {
        Tag(field, WireType.Fixed64);
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_span[_used..], value);
        _used += sizeof(double);
    }

    /// <summary>Hands what was written to the buffer writer.</summary>
    public void Flush()
    {
        _output.Advance(_used);
        _span = default;
        _used = 0;
    }

    private void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (ulong)type);

    private void Varint(ulong value)
    {
        Reserve(MaxVarint);
        while (value >= 0x80)
        {
            _span[_used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _span[_used++] = (byte)value;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        // Bodies are larger than a pipe's segments, so they are copied piece by piece instead of asking for one large span.
        while (!bytes.IsEmpty)
        {
            Reserve(1);
            var count = Math.Min(bytes.Length, _span.Length - _used);
            bytes[..count].CopyTo(_span[_used..]);
            _used += count;
            bytes = bytes[count..];
        }
    }

    private void Reserve(int count)
    {
        if (_span.Length - _used < count)
        {
            Flush();
            _span = _output.GetSpan(count);
        }
    }
}
