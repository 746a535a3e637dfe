using System.Buffers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>Damaged messages and odd cuts: a message or InvalidDataException, nothing else.</summary>
public sealed class ExtProcFuzzTests
{
    [Fact]
    public void Messages_ReadTheSame_HoweverTheBytesAreCut()
    {
        var random = new Random(30);
        for (var round = 0; round < 500; round++)
        {
            ReadsTheSameCut(Vectors.Requests, Vectors.RequestBytes[round % Vectors.RequestBytes.Count], random);
            ReadsTheSameCut(Vectors.Responses, Vectors.ResponseBytes[round % Vectors.ResponseBytes.Count], random);
        }
    }

    [Fact]
    public void DamagedMessages_AreReadOrRefused()
    {
        var random = new Random(31);
        var read = 0;
        const int Rounds = 20_000;
        for (var round = 0; round < Rounds; round++)
        {
            read += TryRead(Vectors.Requests, Damaged(Vectors.RequestBytes[round % Vectors.RequestBytes.Count], random), random);
            read += TryRead(Vectors.Responses, Damaged(Vectors.ResponseBytes[round % Vectors.ResponseBytes.Count], random), random);
        }

        // Both outcomes occur, so the damage is neither too small nor too large to be of use.
        Assert.InRange(read, Rounds / 10, Rounds * 2 * 9 / 10);
    }

    [Fact]
    public void StructNestedWithoutEnd_IsRefused()
    {
        var value = StructValue.Of("bottom");
        for (var depth = 0; depth < 1000; depth++)
        {
            value = depth % 2 == 0 ? StructValue.OfField("f", value) : StructValue.OfItems([value]);
        }

        var bytes = Vectors.Write(Vectors.Responses, new ProcessingResponse { DynamicMetadata = StructValue.OfField("envoy.lb", value) });

        Assert.Throws<InvalidDataException>(() => Vectors.Responses.Read(new ReadOnlySequence<byte>(bytes)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("08")]
    [InlineData("0b")]
    [InlineData("00")]
    [InlineData("2205")]
    [InlineData("22ffffffffffffffffff01")]
    [InlineData("22ffffffff0f")]
    [InlineData("a006ffffffffffffffffffffff01")]
    [InlineData("0d0102")]
    public void MalformedBytes_AreRefused_ExceptNone(string hex)
    {
        var bytes = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        if (bytes.IsEmpty)
        {
            Assert.Equal(ProcessingStep.None, Vectors.Requests.Read(bytes).Step);
            return;
        }

        Assert.Throws<InvalidDataException>(() => Vectors.Requests.Read(bytes));
    }

    private static void ReadsTheSameCut<T>(IMessageCodec<T> codec, byte[] bytes, Random random)
    {
        var whole = Vectors.Write(codec, codec.Read(new ReadOnlySequence<byte>(bytes)));
        var cut = Vectors.Write(codec, codec.Read(CutSequence.Of(bytes, random, random.Next(1, 20))));

        Assert.Equal(whole, cut);
    }

    private static int TryRead<T>(IMessageCodec<T> codec, byte[] bytes, Random random)
    {
        try
        {
            var message = codec.Read(random.Next(2) == 0 ? new ReadOnlySequence<byte>(bytes) : CutSequence.Of(bytes, random, 10));
            _ = Vectors.Write(codec, message);
            return 1;
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0 && damaged.Count > 0; i--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged.RemoveRange(at, Math.Min(random.Next(1, 10), damaged.Count - at));
                    break;
                default:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. damaged];
    }
}
