using System.Buffers;

namespace LlmdAspire.Serving.Tests;

/// <summary>Cuts bytes into a sequence of small pieces, as a network would.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long index)
    {
        Memory = memory;
        RunningIndex = index;
    }

    public static ReadOnlySequence<byte> Split(byte[] bytes, Random random)
    {
        var first = new Segments(bytes.AsMemory(0, 0), 0);
        var last = first;
        for (var at = 0; at < bytes.Length;)
        {
            var count = Math.Min(bytes.Length - at, 1 + random.Next(16));
            var next = new Segments(bytes.AsMemory(at, count), at);
            last.Next = next;
            last = next;
            at += count;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
