using System.Buffers;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Bodies;

/// <summary>A request body in rented memory, so that it can be looked at and sent more than once.</summary>
/// <remarks>
/// Owned by the request; <see cref="Dispose"/> returns the memory and the budget. Sending streams must be closed first
/// (<see cref="BodyStream.Close"/>), since they read from that memory.
/// </remarks>
internal sealed class BufferedBody(ByteBudget budget) : IDisposable
{
    private BodySegment? _first;
    private BodySegment? _last;
    private int _lastUsed;

    public long Length { get; private set; }

    /// <summary>The bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySequence<byte> Bytes =>
        _first is null ? ReadOnlySequence<byte>.Empty : new(_first, 0, _last!, _lastUsed);

    /// <summary>Adds bytes at the end.</summary>
    /// <param name="sizeHint">Size of the next rented piece, when one is needed.</param>
    /// <returns>False when the budget is used up; what was added stays.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes, int sizeHint)
    {
        while (!bytes.IsEmpty)
        {
            if (_last is null || _lastUsed == _last.Capacity)
            {
                if (!TryAddSegment(sizeHint))
                {
                    return false;
                }
            }

            var count = Math.Min(bytes.Length, _last!.Capacity - _lastUsed);
            bytes[..count].CopyTo(_last.Array.AsSpan(_lastUsed));
            _lastUsed += count;
            Length += count;
            bytes = bytes[count..];
        }

        return true;
    }

    /// <summary>Overwrites a run of bytes with spaces: a JSON member disappears and the length stays.</summary>
    public void Blank(ByteRange range)
    {
        var end = range.Start + range.Length;
        for (var segment = _first; segment is not null; segment = segment.NextSegment)
        {
            var from = Math.Max(range.Start - segment.RunningIndex, 0);
            var to = Math.Min(end - segment.RunningIndex, segment.Capacity);
            if (from < to)
            {
                segment.Array.AsSpan((int)from, (int)(to - from)).Fill((byte)' ');
            }
        }
    }

    public void Dispose()
    {
        for (var segment = _first; segment is not null; segment = segment.NextSegment)
        {
            budget.GiveBack(segment.Capacity);
            ArrayPool<byte>.Shared.Return(segment.Array);
        }

        _first = _last = null;
        _lastUsed = 0;
    }

    private bool TryAddSegment(int size)
    {
        var array = ArrayPool<byte>.Shared.Rent(size);
        if (!budget.TryTake(array.Length))
        {
            ArrayPool<byte>.Shared.Return(array);
            return false;
        }

        var segment = new BodySegment(array, _last);
        _first ??= segment;
        _last = segment;
        _lastUsed = 0;
        return true;
    }
}
