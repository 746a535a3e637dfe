using System.Buffers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>The last bytes of an answer, where engines report usage, and how long the answer was.</summary>
internal sealed class AnswerTail
{
    // A usage object with its details takes some 300 bytes; a last stream event repeats id, model and object beside it.
    private const int Capacity = 4096;

    private readonly byte[] _bytes = new byte[Capacity];
    private int _length;

    public long Total { get; private set; }

    public void Append(in ReadOnlySequence<byte> piece)
    {
        Total += piece.Length;
        var last = piece.Length > Capacity ? piece.Slice(piece.Length - Capacity) : piece;
        var room = Capacity - (int)last.Length;
        if (_length > room)
        {
            _bytes.AsSpan(_length - room, room).CopyTo(_bytes);
            _length = room;
        }

        last.CopyTo(_bytes.AsSpan(_length));
        _length += (int)last.Length;
    }

    public Usage? FindUsage() => Usage.FindLast(_bytes.AsSpan(0, _length));
}
