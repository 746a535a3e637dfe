using System.Buffers.Binary;

namespace LlmdAspire.Protocols.Cbor;

/// <summary>Writes the few shapes of CBOR (RFC 8949) that block-hash inputs are made of, in canonical form: definite lengths, shortest heads.</summary>
/// <remarks>
/// Writes into a span the caller gives and allocates nothing. <see cref="MaxHead"/> bytes plus the content are always enough for a value.
/// Maps and floats do not occur in these inputs and are not here.
/// </remarks>
public ref struct CanonicalCbor(Span<byte> destination)
{
    /// <summary>Bytes of the longest head: a type and eight bytes of number.</summary>
    public const int MaxHead = 9;

    private const int Unsigned = 0;
    private const int Negative = 1;
    private const int Binary = 2;
    private const int Text = 3;
    private const int Array = 4;
    private const byte Null = 0xf6;

    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    /// <summary>Writes null.</summary>
    public void WriteNull() => _destination[Length++] = Null;

    /// <summary>Writes an integer.</summary>
    public void Write(long value)
    {
        if (value >= 0)
        {
            WriteHead(Unsigned, (ulong)value);
        }
        else
        {
            // -1 is 0 of the negative kind, -2 is 1, and so on.
            WriteHead(Negative, (ulong)~value);
        }
    }

    /// <summary>Writes an integer of the upper half as well.</summary>
    public void Write(ulong value) => WriteHead(Unsigned, value);

    /// <summary>Writes a byte string.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        WriteHead(Binary, (ulong)bytes.Length);
        Append(bytes);
    }

    /// <summary>Writes text given as UTF-8.</summary>
    public void WriteText(scoped ReadOnlySpan<byte> utf8)
    {
        WriteHead(Text, (ulong)utf8.Length);
        Append(utf8);
    }

    /// <summary>Writes the head of an array; so many values must follow.</summary>
    public void WriteArrayHeader(int count) => WriteHead(Array, (ulong)count);

    /// <summary>Writes an array of token ids.</summary>
    public void WriteTokenIds(scoped ReadOnlySpan<int> tokens)
    {
        WriteArrayHeader(tokens.Length);
        foreach (var token in tokens)
        {
            Write((long)token);
        }
    }

    private void WriteHead(int type, ulong number)
    {
        var at = _destination[Length..];
        var major = (byte)(type << 5);
        switch (number)
        {
            case < 24:
                at[0] = (byte)(major | (byte)number);
                Length += 1;
                break;
            case <= byte.MaxValue:
                at[0] = (byte)(major | 24);
                at[1] = (byte)number;
                Length += 2;
                break;
            case <= ushort.MaxValue:
                at[0] = (byte)(major | 25);
                BinaryPrimitives.WriteUInt16BigEndian(at[1..], (ushort)number);
                Length += 3;
                break;
            case <= uint.MaxValue:
                at[0] = (byte)(major | 26);
                BinaryPrimitives.WriteUInt32BigEndian(at[1..], (uint)number);
                Length += 5;
                break;
            default:
                at[0] = (byte)(major | 27);
                BinaryPrimitives.WriteUInt64BigEndian(at[1..], number);
                Length += 9;
                break;
        }
    }

    private void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }
}
