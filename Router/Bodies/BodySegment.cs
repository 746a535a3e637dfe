using System.Buffers;

namespace LlmdAspire.Router.Bodies;

/// <summary>One rented piece of a body.</summary>
internal sealed class BodySegment : ReadOnlySequenceSegment<byte>
{
    public BodySegment(byte[] array, BodySegment? previous)
    {
        Array = array;
        Memory = array;
        if (previous is not null)
        {
            RunningIndex = previous.RunningIndex + previous.Array.Length;
            previous.Next = this;
        }
    }

    public byte[] Array { get; }

    public int Capacity => Array.Length;

    public BodySegment? NextSegment => (BodySegment?)Next;
}
