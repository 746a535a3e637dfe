using System.Text;
using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Tests.Client;

public sealed class EventReaderTests
{
    public static TheoryData<string, string[]> Streams => new()
    {
        { "data: a\n\ndata: b\n\n", ["a", "b"] },
        { "data: a\r\n\r\ndata:b\r\n\r\n", ["a", "b"] },
        { "data: a\n\r\ndata: b\n\n", ["a", "b"] },
        { ": ping\n\ndata: a\n\n", ["a"] },
        { "\n\n\ndata: a\n\n\n\ndata: b\n\n", ["a", "b"] },
        { "event: x\nid: 1\ndata: a\nretry: 5\n\n", ["a"] },
        { "data: {\ndata: }\n\ndata: b\n\n", ["{\n}", "b"] },
        { "data:\n\ndata:  a\n\n", ["", " a"] },
        { "data: a\n\ndata: last", ["a", "last"] },
        { "data: a\n\ndata: last\n", ["a", "last"] },
        { "dat", [] },
        { "", [] },
        { "{\"object\":\"error\"}", [] },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Data_IsTheSame_WhereverTheStreamIsSplit(string stream, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                Assert.Equal(expected, Read([bytes[..first], bytes[first..second], bytes[second..]]));
            }
        }
    }

    [Fact]
    public void RandomStreams_SplitAtRandom_LoseNothing()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var events = Enumerable.Range(0, random.Next(1, 40)).Select(_ => new string('x', random.Next(0, round < 5 ? 60_000 : 300)) + "\u00e9").ToArray();
            var bytes = Encoding.UTF8.GetBytes(string.Concat(events.Select(data => $"data: {data}{(random.Next(2) == 0 ? "\n\n" : "\r\n\r\n")}{(random.Next(4) == 0 ? ": ping\n\n" : "")}")));
            var pieces = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, round % 2 == 0 ? 20 : 5000), bytes.Length - at);
                pieces.Add(bytes[at..(at + length)]);
                at += length;
            }

            Assert.Equal(events, Read(pieces));
        }
    }

    [Fact]
    public void EndlessEvent_IsRefused()
    {
        var reader = new EventReader();

        Assert.Contains("16 MiB", Assert.Throws<InvalidDataException>(Fill).Message, StringComparison.Ordinal);

        void Fill()
        {
            // One byte more than the largest is far more than enough.
            for (var filled = 0; filled <= EventReader.LargestEvent;)
            {
                var memory = reader.GetMemory();
                memory.Span.Fill((byte)'x');
                reader.Advance(memory.Length);
                filled += memory.Length;
                Assert.False(reader.TryRead(out _));
            }
        }
    }

    [Fact]
    public void Garbage_NeverThrows()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(2000)];
            random.NextBytes(bytes);
            // Rich in what means something.
            for (var i = 0; i < bytes.Length / 3; i++)
            {
                bytes[random.Next(bytes.Length)] = "\n\r:data "u8[random.Next(8)];
            }

            _ = Read([bytes[..(bytes.Length / 2)], bytes[(bytes.Length / 2)..]]);
        }
    }

    private static List<string> Read(IEnumerable<byte[]> pieces)
    {
        var reader = new EventReader();
        var read = new List<string>();
        foreach (var piece in pieces)
        {
            for (var at = 0; at < piece.Length;)
            {
                var memory = reader.GetMemory();
                var length = Math.Min(memory.Length, piece.Length - at);
                piece.AsSpan(at, length).CopyTo(memory.Span);
                reader.Advance(length);
                at += length;
                while (reader.TryRead(out var data))
                {
                    read.Add(Encoding.UTF8.GetString(data));
                }
            }
        }

        if (reader.TryReadLast(out var last))
        {
            read.Add(Encoding.UTF8.GetString(last));
        }

        return read;
    }
}
