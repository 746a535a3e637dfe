using System.Buffers.Binary;

namespace LlmdAspire.Protocols.MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>Reads as many integers as the destination holds, each from 0 to 2^31-1: token ids.</summary>
    /// <remarks>On failure the position is that of the integer at fault and the destination is partly written.</remarks>
    public bool TryReadTokenIds(scoped Span<int> destination)
    {
        for (var i = 0; i < destination.Length;)
        {
            // Away from a segment's end none needs a seam check of its own. Ids below and above 65,536 come in no order, so that a branch between the two widths
            // would be guessed wrong every other time: the width is computed.
            var span = _span;
            var at = _at;
            for (; i < destination.Length && at <= span.Length - sizeof(ulong); i++)
            {
                var word = BinaryPrimitives.ReadUInt64BigEndian(span[at..]);
                var code = (int)(word >> 56);
                var form = code - MessagePackCode.UInt8;
                if (form is >= 0 and <= MessagePackCode.UInt32 - MessagePackCode.UInt8)
                {
                    var width = 1 << form;
                    var value = (word << 8) >> (64 - (8 * width));
                    if (value > int.MaxValue)
                    {
                        break;
                    }

                    destination[i] = (int)value;
                    at += 1 + width;
                }
                else if (code <= MessagePackCode.MaxPositiveFixInt)
                {
                    destination[i] = code;
                    at++;
                }
                else
                {
                    break;
                }
            }

            _at = at;
            if (i == destination.Length)
            {
                return true;
            }

            var before = this;
            if (!TryReadInteger(out var bits, out _))
            {
                return false;
            }

            if (bits > int.MaxValue)
            {
                this = before;
                return Fail(MessagePackError.OutOfRange);
            }

            destination[i++] = (int)bits;
        }

        return true;
    }

    /// <summary>Reads a block hash as vLLM publishes it: an integer, or bytes of which the last eight count (big-endian, shorter ones padded at the front).</summary>
    public bool TryReadBlockHash(out ulong hash)
    {
        hash = 0;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if (code is < MessagePackCode.Bin8 or > MessagePackCode.Bin32)
        {
            return TryReadInteger(out hash, out _);
        }

        var before = this;
        if (!TryReadBlobHeader(MessagePackCode.Bin8, out var length))
        {
            return false;
        }

        if (length > Left)
        {
            this = before;
            return Fail(MessagePackError.Truncated);
        }

        if (length == 0)
        {
            this = before;
            return Fail(MessagePackError.OutOfRange);
        }

        Advance(Math.Max(length - 8, 0));
        Span<byte> last = stackalloc byte[8];
        last.Clear();
        CopyOut(last[Math.Max(8 - length, 0)..]);
        hash = BinaryPrimitives.ReadUInt64BigEndian(last);
        return true;
    }
}
