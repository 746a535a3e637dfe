using System.Buffers.Binary;

namespace LlmdAspire.Serving.Blocks.EngineHashes;

/// <summary>Writes what CPython's <c>pickle.dumps(value, protocol=5)</c> writes for the shapes of block-hash inputs: bytes, text, integers, None and tuples.</summary>
/// <remarks>
/// Engines with the hash algorithm <c>sha256</c> hash these bytes, so they must agree to the last opcode: one frame around everything, each
/// text, byte string and tuple memoized, integers in their shortest opcode. Inputs beyond one frame (64 KiB) do not occur with digests
/// as extra keys. Opcodes are those of Python's <c>pickletools</c>. Objects that occur twice are written twice: the engine's are distinct objects too.
/// </remarks>
internal ref struct PythonPickle
{
    /// <summary>Bytes of opcode, length and memo mark around any one value.</summary>
    public const int MaxOverhead = 16;

    /// <summary>CPython closes a frame beyond this size and begins another.</summary>
    public const int MaxFrame = 64 << 10;

    private const int FrameStart = 11;
    private const byte Proto = 0x80;
    private const byte Frame = 0x95;
    private const byte Stop = (byte)'.';
    private const byte Mark = (byte)'(';
    private const byte None = (byte)'N';
    private const byte EmptyTuple = (byte)')';
    private const byte Tuple = (byte)'t';
    private const byte Tuple1 = 0x85;
    private const byte Memoize = 0x94;
    private const byte OneByteInt = (byte)'K';
    private const byte TwoByteInt = (byte)'M';
    private const byte FourByteInt = (byte)'J';
    private const byte LongInt = 0x8a;
    private const byte ShortBytes = (byte)'C';
    private const byte LongBytes = (byte)'B';
    private const byte ShortText = 0x8c;
    private const byte LongText = (byte)'X';

    private readonly Span<byte> _destination;
    private int _at;

    public PythonPickle(Span<byte> destination)
    {
        _destination = destination;
        destination[0] = Proto;
        destination[1] = 5;
        destination[2] = Frame;
        _at = FrameStart;
    }

    public void WriteNone() => _destination[_at++] = None;

    public void Write(long value)
    {
        var at = _destination[_at..];
        switch (value)
        {
            case >= 0 and <= byte.MaxValue:
                at[0] = OneByteInt;
                at[1] = (byte)value;
                _at += 2;
                break;
            case >= 0 and <= ushort.MaxValue:
                at[0] = TwoByteInt;
                BinaryPrimitives.WriteUInt16LittleEndian(at[1..], (ushort)value);
                _at += 3;
                break;
            case >= int.MinValue and <= int.MaxValue:
                at[0] = FourByteInt;
                BinaryPrimitives.WriteInt32LittleEndian(at[1..], (int)value);
                _at += 5;
                break;
            default:
                WriteLong(value);
                break;
        }
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes) => WriteBlob(bytes, ShortBytes, LongBytes);

    public void WriteText(scoped ReadOnlySpan<byte> utf8) => WriteBlob(utf8, ShortText, LongText);

    /// <summary>Call before the elements; <see cref="EndTuple"/> after them, with the same count.</summary>
    public void BeginTuple(int count)
    {
        if (count > 3)
        {
            _destination[_at++] = Mark;
        }
    }

    public void EndTuple(int count)
    {
        if (count == 0)
        {
            _destination[_at++] = EmptyTuple;
            return;
        }

        _destination[_at++] = count > 3 ? Tuple : (byte)(Tuple1 + count - 1);
        _destination[_at++] = Memoize;
    }

    /// <summary>Closes the pickle and returns all of it.</summary>
    public ReadOnlySpan<byte> Complete()
    {
        _destination[_at++] = Stop;
        var frame = _at - FrameStart;
        if (frame > MaxFrame)
        {
            throw new ArgumentException($"A block's hash input of {frame} bytes needs a second pickle frame; prompt embeddings enter as their 32-byte digest, not raw.");
        }

        // Pickles of under four bytes in all have no frame; none of ours is that short.
        BinaryPrimitives.WriteInt64LittleEndian(_destination[3..], frame);
        return _destination[.._at];
    }

    private void WriteBlob(scoped ReadOnlySpan<byte> bytes, byte shortCode, byte longCode)
    {
        if (bytes.Length <= byte.MaxValue)
        {
            _destination[_at++] = shortCode;
            _destination[_at++] = (byte)bytes.Length;
        }
        else
        {
            _destination[_at++] = longCode;
            BinaryPrimitives.WriteInt32LittleEndian(_destination[_at..], bytes.Length);
            _at += 4;
        }

        bytes.CopyTo(_destination[_at..]);
        _at += bytes.Length;
        _destination[_at++] = Memoize;
    }

    // Two's complement in as few bytes as keep the sign.
    private void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        var count = 8;
        while (count > 1 && bytes[count - 1] == (value < 0 ? 0xff : 0) && (bytes[count - 2] & 0x80) == (value < 0 ? 0x80 : 0))
        {
            count--;
        }

        _destination[_at++] = LongInt;
        _destination[_at++] = (byte)count;
        bytes[..count].CopyTo(_destination[_at..]);
        _at += count;
    }
}
