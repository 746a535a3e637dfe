using System.Buffers;
using LlmdAspire.Protocols.MessagePack;

namespace LlmdAspire.Protocols.Tests.MessagePack;

/// <summary>Single values: what is written comes back, at every width and with every seam.</summary>
public sealed class MessagePackReaderTests
{
    public static TheoryData<long> Integers =>
    [
        0, 127, 128, 255, 256, 65535, 65536, uint.MaxValue, uint.MaxValue + 1L, long.MaxValue,
        -1, -32, -33, -128, -129, -32768, -32769, int.MinValue, int.MinValue - 1L, long.MinValue,
    ];

    [Theory]
    [MemberData(nameof(Integers))]
    public void Integer_ComesBack(long value)
    {
        var bytes = Written(writer => writer.Write(value));
        for (var segment = 1; segment <= bytes.Length; segment++)
        {
            var reader = new MessagePackReader(SeamedSequence.Of(bytes, segment));

            Assert.True(reader.TryReadInt64(out var read));
            Assert.Equal(value, read);
            Assert.Equal(0, reader.Left);
        }
    }

    [Fact]
    public void IntegerBeyond63Bits_IsBitsButNoLong()
    {
        var bytes = Written(writer => writer.Write(ulong.MaxValue));
        var reader = new MessagePackReader(bytes);
        var again = reader;

        Assert.False(reader.TryReadInt64(out _));
        Assert.Equal(MessagePackError.OutOfRange, reader.Error);
        Assert.True(again.TryReadBits64(out var bits));
        Assert.Equal(ulong.MaxValue, bits);
    }

    [Theory]
    [InlineData("ca3fc00000", 1.5)]
    [InlineData("cb3ff8000000000000", 1.5)]
    [InlineData("05", 5)]
    [InlineData("ff", -1)]
    public void Double_ReadsFloatsAndIntegers(string hex, double expected)
    {
        var reader = new MessagePackReader(Convert.FromHexString(hex));

        Assert.True(reader.TryReadDouble(out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(256)]
    [InlineData(70_000)]
    public void TextAndBinary_ComeBackAcrossSeams(int length)
    {
        var text = new string('a', length);
        var bytes = Written(writer =>
        {
            writer.WriteText(text);
            writer.WriteBinary(new byte[length]);
        });
        byte[] scratch = [];
        var reader = new MessagePackReader(SeamedSequence.Of(bytes, 7));

        Assert.True(reader.TryReadUtf8(out var read, ref scratch));
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(read));
        Assert.True(reader.TryReadBinary(out var binary, ref scratch));
        Assert.Equal(length, binary.Length);
        Assert.Equal(0, reader.Left);
    }

    [Theory]
    [InlineData("dbffffffff")]
    [InlineData("c6ffffffff00")]
    [InlineData("ddffffffff00")]
    [InlineData("dfffffffff00")]
    [InlineData("dc0003c0c0")]
    [InlineData("cd01")]
    [InlineData("")]
    public void LengthBeyondTheInput_IsTruncatedWithoutReserving(string hex)
    {
        byte[] scratch = [];
        var input = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var skipping = new MessagePackReader(input);
        var reading = skipping;

        Assert.False(skipping.TrySkip());
        Assert.False(reading.TryReadUtf8(out _, ref scratch));
        Assert.False(reading.TryReadArrayHeader(out _));
        Assert.False(reading.TryReadInt64(out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("c3")]
    [InlineData("d40102")]
    [InlineData("d8000102030405060708090a0b0c0d0e0f10")]
    [InlineData("c7020102ff")]
    [InlineData("c8000201ffff")]
    [InlineData("c90000000201ffff")]
    [InlineData("d90161")]
    [InlineData("c40100")]
    [InlineData("ca00000000")]
    [InlineData("cb0000000000000000")]
    [InlineData("d30000000000000000")]
    [InlineData("82a1619201c0a16281c0c0")]
    public void Skip_PassesOverEveryKindOfValue(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var segment = 1; segment <= bytes.Length; segment++)
        {
            var reader = new MessagePackReader(SeamedSequence.Of(bytes, segment));

            Assert.True(reader.TrySkip());
            Assert.Equal(0, reader.Left);
        }
    }

    [Fact]
    public void Skip_GoesTheSameWay_WhereverTheSeamsAre()
    {
        for (var code = 0; code <= byte.MaxValue; code++)
        {
            foreach (var length in new[] { 0, 1, 4, 8, 20, 40 })
            {
                // Behind the code ones: lengths of one byte or too many, elements that are numbers.
                byte[] bytes = [0x92, (byte)code, .. Enumerable.Repeat((byte)1, length)];
                var whole = new MessagePackReader(bytes);
                var seamed = new MessagePackReader(SeamedSequence.Of(bytes, 1));

                var skipped = whole.TrySkip();

                Assert.Equal(seamed.TrySkip(), skipped);
                Assert.Equal(seamed.Error, whole.Error);
                Assert.True(!skipped || seamed.Left == whole.Left, $"after the code {code:x2}");
            }
        }
    }

    [Fact]
    public void TokenIds_RefuseNegativeOnesAndLeaveThePosition()
    {
        var bytes = Written(writer =>
        {
            writer.Write(5L);
            writer.Write(-1L);
        });
        var reader = new MessagePackReader(bytes);

        Assert.False(reader.TryReadTokenIds(new int[2]));
        Assert.Equal(MessagePackError.OutOfRange, reader.Error);
        Assert.True(reader.TryReadInt64(out var rest));
        Assert.Equal(-1, rest);
    }

    private static byte[] Written(Action<MessagePackWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new MessagePackWriter(output));
        return output.WrittenSpan.ToArray();
    }
}
