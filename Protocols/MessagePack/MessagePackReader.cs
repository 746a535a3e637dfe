using System.Buffers;
using System.Runtime.CompilerServices;

namespace LlmdAspire.Protocols.MessagePack;

/// <summary>Reads MessagePack values one after the other, without allocating and without trusting the input.</summary>
/// <remarks>
/// A read that fails returns false and sets <see cref="Error"/>; wrong type and range leave the position where it was. Lengths are checked against the
/// bytes that are left (every element takes at least one), so a header cannot make a caller reserve more than the input could fill.
/// Copying the struct saves the position.
/// </remarks>
public ref partial struct MessagePackReader
{
    /// <summary>Deepest nesting that <see cref="TrySkip"/> follows. KV events nest five deep.</summary>
    public const int MaxDepth = 32;

    private readonly ReadOnlySequence<byte> _sequence;
    private ReadOnlySpan<byte> _span;
    private int _at;
    private SequencePosition _next;
    private long _leftBehindSpan;

    /// <summary>Reads from a sequence, which must stay as it is meanwhile.</summary>
    public MessagePackReader(ReadOnlySequence<byte> sequence)
    {
        _sequence = sequence;
        _span = sequence.FirstSpan;
        _leftBehindSpan = sequence.Length - _span.Length;
        _next = sequence.IsSingleSegment ? sequence.End : sequence.GetPosition(_span.Length);
    }

    /// <summary>Reads from one span.</summary>
    public MessagePackReader(ReadOnlySpan<byte> span) => _span = span;

    /// <summary>Why the last read failed.</summary>
    public MessagePackError Error { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly long Left => _span.Length - _at + _leftBehindSpan;

    /// <summary>The first byte of the next value, without reading it.</summary>
    public bool TryPeek(out byte code)
    {
        if (_at < _span.Length || NextSegment())
        {
            code = _span[_at];
            return true;
        }

        code = 0;
        return Fail(MessagePackError.Truncated);
    }

    /// <summary>Reads nil if the next value is nil; otherwise reads nothing and returns false.</summary>
    public bool TryReadNil()
    {
        if (!TryPeek(out var code) || code != MessagePackCode.Nil)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>Reads the head of an array.</summary>
    public bool TryReadArrayHeader(out int count) => TryReadCount(MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32, 1, out count);

    /// <summary>Reads the head of a map; twice as many values follow.</summary>
    public bool TryReadMapHeader(out int count) => TryReadCount(MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32, 2, out count);

    /// <summary>Reads an integer of any width.</summary>
    public bool TryReadInt64(out long value)
    {
        if (!TryReadInteger(out var bits, out var aboveLong))
        {
            value = 0;
            return false;
        }

        value = (long)bits;
        return !aboveLong || Fail(MessagePackError.OutOfRange);
    }

    /// <summary>Reads an integer of any width as 64 bits; negative ones as their two's complement.</summary>
    public bool TryReadBits64(out ulong bits) => TryReadInteger(out bits, out _);

    /// <summary>Reads a floating-point number or an integer.</summary>
    public bool TryReadDouble(out double value)
    {
        value = 0;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if (code is MessagePackCode.Float32 or MessagePackCode.Float64)
        {
            var read = TryReadBigEndian(code == MessagePackCode.Float32 ? 4 : 8, out var bits);
            value = code == MessagePackCode.Float32 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
            return read;
        }

        if (!TryReadInteger(out var integer, out var aboveLong))
        {
            return false;
        }

        value = aboveLong ? integer : (long)integer;
        return true;
    }

    /// <summary>Reads text as the UTF-8 bytes it is, unchecked.</summary>
    /// <param name="value">A view of the input, or of <paramref name="scratch"/> where the input has a seam inside the text.</param>
    /// <param name="scratch">Grown when needed; keep it for the next call.</param>
    public bool TryReadUtf8(out ReadOnlySpan<byte> value, scoped ref byte[] scratch) =>
        TryReadShortText(out value) || TryReadBlob(MessagePackCode.Str8, out value, ref scratch);

    /// <summary>Reads a byte string; the parameters are those of <see cref="TryReadUtf8"/>.</summary>
    public bool TryReadBinary(out ReadOnlySpan<byte> value, scoped ref byte[] scratch) =>
        TryReadBlob(MessagePackCode.Bin8, out value, ref scratch);

    // Names and tags: one byte of head, and no seam.
    private bool TryReadShortText(out ReadOnlySpan<byte> value)
    {
        if (_at < _span.Length)
        {
            var code = _span[_at];
            var length = code & 0x1f;
            if ((code & 0xe0) == MessagePackCode.FixStr && _span.Length - _at > length)
            {
                value = _span.Slice(_at + 1, length);
                _at += 1 + length;
                return true;
            }
        }

        value = default;
        return false;
    }

    private bool TryReadBlob(byte family, out ReadOnlySpan<byte> value, scoped ref byte[] scratch)
    {
        value = default;
        var before = this;
        if (!TryReadBlobHeader(family, out var length))
        {
            return false;
        }

        if (length <= _span.Length - _at)
        {
            value = _span.Slice(_at, length);
            _at += length;
            return true;
        }

        if (length > Left)
        {
            this = before;
            return Fail(MessagePackError.Truncated);
        }

        if (scratch.Length < length)
        {
            scratch = new byte[length];
        }

        CopyOut(scratch.AsSpan(0, length));
        value = scratch.AsSpan(0, length);
        return true;
    }

    private bool Fail(MessagePackError error)
    {
        Error = error;
        return false;
    }

    /// <summary>Goes to the next segment that holds a byte; only called at the end of one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool NextSegment()
    {
        while (_leftBehindSpan > 0 && _sequence.TryGet(ref _next, out var memory))
        {
            if (memory.Length > 0)
            {
                _span = memory.Span;
                _at = 0;
                _leftBehindSpan -= memory.Length;
                return true;
            }
        }

        return false;
    }
}
