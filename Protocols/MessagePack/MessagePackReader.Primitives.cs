using System.Buffers.Binary;

namespace LlmdAspire.Protocols.MessagePack;

public ref partial struct MessagePackReader
{
    private bool TryReadInteger(out ulong bits, out bool aboveLong)
    {
        bits = 0;
        aboveLong = false;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if (code <= MessagePackCode.MaxPositiveFixInt || code >= MessagePackCode.MinNegativeFixInt)
        {
            bits = (ulong)(sbyte)code;
            _at++;
            return true;
        }

        if (code is < MessagePackCode.UInt8 or > MessagePackCode.Int64)
        {
            return Fail(MessagePackError.WrongType);
        }

        if (!TryReadBigEndian(1 << ((code - MessagePackCode.UInt8) & 3), out bits))
        {
            return false;
        }

        bits = code switch
        {
            MessagePackCode.Int8 => (ulong)(sbyte)bits,
            MessagePackCode.Int16 => (ulong)(short)bits,
            MessagePackCode.Int32 => (ulong)(int)bits,
            _ => bits,
        };
        aboveLong = code == MessagePackCode.UInt64 && bits > long.MaxValue;
        return true;
    }

    private bool TryReadCount(byte fix, byte wide16, byte wide32, int valuesEach, out int count)
    {
        count = 0;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if ((code & 0xf0) == fix)
        {
            count = code & 0x0f;
            if (count * valuesEach >= Left)
            {
                return Fail(MessagePackError.Truncated);
            }

            _at++;
            return true;
        }

        return code == wide16 || code == wide32 ? TryReadWideCount(code == wide16 ? 2 : 4, valuesEach, out count) : Fail(MessagePackError.WrongType);
    }

    private bool TryReadWideCount(int width, int valuesEach, out int count)
    {
        count = 0;
        var before = this;
        if (!TryReadLength(width, out var claimed))
        {
            return false;
        }

        if ((long)claimed * valuesEach > Left)
        {
            this = before;
            return Fail(MessagePackError.Truncated);
        }

        // Not above what is left, and no input of ours reaches 2 GiB; a larger one is refused rather than overflowed.
        if (claimed > int.MaxValue)
        {
            this = before;
            return Fail(MessagePackError.OutOfRange);
        }

        count = (int)claimed;
        return true;
    }

    /// <param name="family"><see cref="MessagePackCode.Str8"/> or <see cref="MessagePackCode.Bin8"/>; the 16- and 32-bit forms follow each.</param>
    /// <param name="length">Bytes that follow, unchecked.</param>
    private bool TryReadBlobHeader(byte family, out int length)
    {
        length = 0;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if (family == MessagePackCode.Str8 && (code & 0xe0) == MessagePackCode.FixStr)
        {
            length = code & 0x1f;
            _at++;
            return true;
        }

        if (code < family || code > family + 2)
        {
            return Fail(MessagePackError.WrongType);
        }

        var before = this;
        if (!TryReadLength(1 << (code - family), out var claimed))
        {
            return false;
        }

        if (claimed > Left)
        {
            this = before;
            return Fail(MessagePackError.Truncated);
        }

        length = (int)claimed;
        return true;
    }

    private bool TryReadLength(int width, out uint length)
    {
        var read = TryReadBigEndian(width, out var value);
        length = (uint)value;
        return read;
    }

    // The code, which is passed over, and a number of 1, 2, 4 or 8 bytes behind it.
    private bool TryReadBigEndian(int width, out ulong value)
    {
        value = 0;
        if (_span.Length - _at > width)
        {
            var bytes = _span.Slice(_at + 1, width);
            value = width switch
            {
                1 => bytes[0],
                2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
                4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
                _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            };
            _at += 1 + width;
            return true;
        }

        if (Left <= width)
        {
            return Fail(MessagePackError.Truncated);
        }

        Advance(1);
        Span<byte> gathered = stackalloc byte[8];
        gathered.Clear();
        CopyOut(gathered[(8 - width)..]);
        value = BinaryPrimitives.ReadUInt64BigEndian(gathered);
        return true;
    }

    // Callers have checked that so much is left.
    private void CopyOut(scoped Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_at == _span.Length && !NextSegment())
            {
                return;
            }

            var part = Math.Min(destination.Length, _span.Length - _at);
            _span.Slice(_at, part).CopyTo(destination);
            _at += part;
            destination = destination[part..];
        }
    }

    // Callers have checked that so much is left.
    private void Advance(long count)
    {
        while (count > 0)
        {
            if (_at == _span.Length && !NextSegment())
            {
                return;
            }

            var part = (int)Math.Min(count, _span.Length - _at);
            _at += part;
            count -= part;
        }
    }
}
