namespace LlmdAspire.Protocols.MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>Passes over the next value, whatever it is, with all it contains.</summary>
    /// <remarks>Work is linear in the bytes passed over. On failure the position is undefined: the input is not MessagePack from there on.</remarks>
    public bool TrySkip()
    {
        Span<long> open = stackalloc long[MaxDepth];
        var depth = 0;
        open[0] = 1;
        while (true)
        {
            SkipScalars(ref open[depth]);
            if (open[depth] == 0)
            {
                if (depth-- == 0)
                {
                    return true;
                }

                continue;
            }

            open[depth]--;
            if (!TrySkipHead(out var children))
            {
                return false;
            }

            if (children > 0)
            {
                if (++depth == MaxDepth)
                {
                    return Fail(MessagePackError.TooDeep);
                }

                open[depth] = children;
            }
        }
    }

    // Runs of numbers and short texts, of which events mostly consist, by their first bytes alone; stops at anything else and before a segment's end.
    private void SkipScalars(ref long count)
    {
        var span = _span;
        var at = _at;
        var left = count;
        while (left > 0 && at < span.Length)
        {
            var size = ScalarBytes[span[at]];
            if (size == 0 || size > span.Length - at)
            {
                break;
            }

            at += size;
            left--;
        }

        _at = at;
        count = left;
    }

    private bool TrySkipHead(out long children)
    {
        children = 0;
        if (!TryPeek(out var code))
        {
            return false;
        }

        if (code is <= MessagePackCode.MaxPositiveFixInt or >= MessagePackCode.MinNegativeFixInt)
        {
            _at++;
            return true;
        }

        switch (code)
        {
            case < MessagePackCode.FixArray or MessagePackCode.Map16 or MessagePackCode.Map32:
                var map = TryReadMapHeader(out var pairs);
                children = 2L * pairs;
                return map;
            case < MessagePackCode.FixStr or MessagePackCode.Array16 or MessagePackCode.Array32:
                var array = TryReadArrayHeader(out var elements);
                children = elements;
                return array;
            case < MessagePackCode.Nil:
                return TrySkipBytes(1 + (code & 0x1f));
            case MessagePackCode.Nil or MessagePackCode.False or MessagePackCode.True:
                return TrySkipBytes(1);
            case MessagePackCode.Reserved:
                return Fail(MessagePackError.ReservedByte);
            case <= MessagePackCode.Bin32:
                return TrySkipBlob(1 << (code - MessagePackCode.Bin8), extra: 0);
            case <= MessagePackCode.Ext32:
                return TrySkipBlob(1 << (code - MessagePackCode.Ext8), extra: 1);
            case <= MessagePackCode.Float64:
                return TrySkipBytes(code == MessagePackCode.Float32 ? 5 : 9);
            case <= MessagePackCode.Int64:
                return TrySkipBytes(1 + (1 << ((code - MessagePackCode.UInt8) & 3)));
            case <= MessagePackCode.FixExt16:
                return TrySkipBytes(2 + (1 << (code - MessagePackCode.FixExt1)));
            default:
                return TrySkipBlob(1 << (code - MessagePackCode.Str8), extra: 0);
        }
    }

    /// <summary>Bytes of a value by its first one, where that alone says so; 0 for arrays, maps, what states its length, and the reserved byte. Sixteen codes a row.</summary>
    private static ReadOnlySpan<byte> ScalarBytes =>
    [
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9,
        2, 3, 5, 9, 3, 4, 6, 10, 18, 0, 0, 0, 0, 0, 0, 0,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ];

    private bool TrySkipBlob(int width, int extra) => TryReadLength(width, out var length) && TrySkipBytes(length + (long)extra);

    private bool TrySkipBytes(long count)
    {
        if (count > Left)
        {
            return Fail(MessagePackError.Truncated);
        }

        Advance(count);
        return true;
    }
}
