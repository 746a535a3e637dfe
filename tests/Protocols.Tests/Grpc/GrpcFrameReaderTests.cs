using System.IO.Pipelines;
using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc;

/// <summary>Messages out of pieces of bytes, however they are cut.</summary>
public sealed class GrpcFrameReaderTests
{
    [Fact]
    public async Task Messages_ReadTheSame_HoweverTheBytesAreCut()
    {
        var random = new Random(20);
        for (var round = 0; round < 300; round++)
        {
            var messages = Enumerable.Range(0, random.Next(0, 20)).Select(_ => RandomBytes(random, random.Next(3) == 0 ? random.Next(20_000) : random.Next(10))).ToList();
            var pipe = new Pipe(new PipeOptions(minimumSegmentSize: random.Next(1, 5000), useSynchronizationContext: false));
            var writing = WriteInPiecesAsync(pipe.Writer, [.. messages.SelectMany(Framed)], random);

            Assert.Equal(messages, await ReadAllAsync(pipe.Reader, maxMessageSize: 20_000));
            await writing;
        }
    }

    [Fact]
    public async Task Garbage_EndsWithAStatus_NeverWithAnotherException()
    {
        var random = new Random(21);
        var outcomes = new Dictionary<GrpcStatusCode, int>();
        for (var round = 0; round < 5000; round++)
        {
            var bytes = RandomBytes(random, random.Next(0, 300));
            if (bytes.Length > 3 && random.Next(2) == 0)
            {
                // A plausible header leads further than noise does.
                (bytes[0], bytes[1], bytes[2]) = (0, 0, 0);
            }

            var pipe = new Pipe();
            _ = await pipe.Writer.WriteAsync(bytes);
            await pipe.Writer.CompleteAsync();
            try
            {
                _ = await ReadAllAsync(pipe.Reader, maxMessageSize: 100);
            }
            catch (GrpcException e)
            {
                outcomes[e.Status.Code] = outcomes.GetValueOrDefault(e.Status.Code) + 1;
            }
        }

        Assert.Equal([GrpcStatusCode.ResourceExhausted, GrpcStatusCode.Unimplemented, GrpcStatusCode.Internal], outcomes.Keys.Order());
    }

    [Fact]
    public async Task TooLargeMessage_IsRefusedByItsHeader_BeforeItArrives()
    {
        var pipe = new Pipe();
        _ = await pipe.Writer.WriteAsync(new byte[] { 0, 0x7f, 0xff, 0xff, 0xff });

        var e = await Assert.ThrowsAsync<GrpcException>(() => ReadAllAsync(pipe.Reader, maxMessageSize: 1000));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Status.Code);
    }

    [Fact]
    public async Task StreamThatEndsInsideAMessage_IsAnError()
    {
        var pipe = new Pipe();
        _ = await pipe.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 3, 1, 2 });
        await pipe.Writer.CompleteAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => ReadAllAsync(pipe.Reader, maxMessageSize: 1000));

        Assert.Equal(new GrpcStatus(GrpcStatusCode.Internal, "The stream ended inside a message."), e.Status);
    }

    [Fact]
    public async Task Writer_HoldsBackWhileMoreFollows_ButNotWithoutLimit()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var writer = new GrpcFrameWriter<byte[]>(pipe.Writer, BytesCodec.Instance, maxMessageSize: 100_000);

        await writer.WriteAsync(new byte[100], more: true);
        Assert.False(pipe.Reader.TryRead(out _));
        await writer.WriteAsync(new byte[40_000], more: true);
        Assert.True(pipe.Reader.TryRead(out var result));

        Assert.Equal(40_000 + 100 + (2 * GrpcFrame.HeaderLength), result.Buffer.Length);
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Framed(byte[] message)
    {
        var framed = new byte[GrpcFrame.HeaderLength + message.Length];
        GrpcFrame.WriteHeader(framed, message.Length);
        message.CopyTo(framed, GrpcFrame.HeaderLength);
        return framed;
    }

    private static async Task WriteInPiecesAsync(PipeWriter writer, byte[] bytes, Random random)
    {
        // A sequence of its own: the test thread draws from the other one.
        random = new Random(random.Next());
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - start, random.Next(4) == 0 ? random.Next(10_000) : random.Next(8));
            _ = await writer.WriteAsync(bytes.AsMemory(start, length));
            start += length;
        }

        await writer.CompleteAsync();
    }

    private static async Task<List<byte[]>> ReadAllAsync(PipeReader pipe, int maxMessageSize)
    {
        var reader = new GrpcFrameReader<byte[]>(pipe, BytesCodec.Instance, maxMessageSize);
        var messages = new List<byte[]>();
        while (await reader.MoveNextAsync())
        {
            messages.Add(reader.Current);
        }

        return messages;
    }
}
