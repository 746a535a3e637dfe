using System.Buffers;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>A body with some of its bytes replaced, made of slices of the original: nothing is copied.</summary>
public static class SplicedBody
{
    /// <summary>Applies edits.</summary>
    /// <param name="body">Must stay valid as long as the result is used.</param>
    /// <param name="edits">In the order of the body, without overlaps.</param>
    public static ReadOnlySequence<byte> Apply(ReadOnlySequence<byte> body, IReadOnlyList<JsonEdit> edits)
    {
        ArgumentNullException.ThrowIfNull(edits);
        var pieces = new Pieces();
        var at = 0L;
        foreach (var edit in edits)
        {
            pieces.Add(body.Slice(at, edit.Range.Start - at));
            pieces.Add(edit.Replacement);
            at = edit.Range.Start + edit.Range.Length;
        }

        pieces.Add(body.Slice(at));
        return pieces.ToSequence();
    }

    private struct Pieces
    {
        private Piece? _first;
        private Piece? _last;

        public void Add(ReadOnlySequence<byte> bytes)
        {
            foreach (var memory in bytes)
            {
                Add(memory);
            }
        }

        public void Add(ReadOnlyMemory<byte> memory)
        {
            if (!memory.IsEmpty)
            {
                _last = new Piece(memory, _last);
                _first ??= _last;
            }
        }

        public readonly ReadOnlySequence<byte> ToSequence() =>
            _first is null ? ReadOnlySequence<byte>.Empty : new(_first, 0, _last!, _last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
