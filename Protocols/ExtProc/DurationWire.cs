using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>google.protobuf.Duration on the wire: 1 seconds, 2 nanos, of the same sign.</summary>
internal static class DurationWire
{
    private const long NanosecondsPerTick = 100;

    public static int Measure(TimeSpan duration) => ProtoSize.Number(1, Seconds(duration)) + ProtoSize.Number(2, Nanos(duration));

    public static void Write(ref ProtoWriter writer, TimeSpan duration)
    {
        writer.Number(1, Seconds(duration));
        writer.Number(2, Nanos(duration));
    }

    public static TimeSpan Read(in ReadOnlySequence<byte> bytes)
    {
        var seconds = 0L;
        var nanos = 0L;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Varint):
                    seconds = reader.ReadInt64();
                    break;
                case (2, WireType.Varint):
                    nanos = reader.ReadInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        // Protobuf allows ten thousand years, a TimeSpan holds more; beyond that it is garbage.
        return Math.Abs((decimal)seconds) <= 315_576_000_000
            ? new TimeSpan((seconds * TimeSpan.TicksPerSecond) + (nanos / NanosecondsPerTick))
            : throw new InvalidDataException($"A duration of {seconds} seconds is out of range.");
    }

    // Negative numbers are written as the two's complement of 64 bits.
    private static ulong Seconds(TimeSpan duration) => unchecked((ulong)(duration.Ticks / TimeSpan.TicksPerSecond));

    private static ulong Nanos(TimeSpan duration) => unchecked((ulong)(duration.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick));
}
