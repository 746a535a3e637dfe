using System.Buffers;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>Bytes in several pieces, as they come from a pipe.</summary>
internal sealed class CutSequence : ReadOnlySequenceSegment<byte>
{
    private CutSequence(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>Pieces of 1 to <paramref name="longest"/> bytes, some of them empty.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, Random random, int longest)
    {
        var first = new CutSequence(ReadOnlyMemory<byte>.Empty, 0);
        var last = first;
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - start, random.Next(0, longest + 1));
            var next = new CutSequence(bytes.Slice(start, length), start);
            last.Next = next;
            last = next;
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
