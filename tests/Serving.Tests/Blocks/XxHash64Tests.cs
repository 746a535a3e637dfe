using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.Serving.Tests.Blocks;

/// <summary>XXH64 against the reference library's results in <c>Vectors/block-keys.json</c>.</summary>
public sealed class XxHash64Tests
{
    public static TheoryData<int, ulong, ulong> Known =>
        [.. BlockKeyVectors.Load().Hashes.Select(v => (v.Length, ulong.Parse(v.Seed, null), ulong.Parse(v.Hash, null)))];

    [Fact]
    public void Hash_OfNothing_IsTheSpecificationsValue() => Assert.Equal(0xEF46DB3751D8E999, XxHash64.Hash([]));

    [Theory]
    [MemberData(nameof(Known))]
    public void Hash_AtOnce_AgreesWithTheReference(int length, ulong seed, ulong expected) =>
        Assert.Equal(expected, XxHash64.Hash(Pattern(length), seed));

    [Theory]
    [MemberData(nameof(Known))]
    public void Hash_InPiecesOfAnySize_AgreesWithTheReference(int length, ulong seed, ulong expected)
    {
        var bytes = Pattern(length);
        var random = new Random(length);
        for (var round = 0; round < 5; round++)
        {
            var hash = XxHash64.Begin(seed);
            for (var at = 0; at < length;)
            {
                var part = Math.Min(length - at, random.Next(1, 80));
                hash.Append(bytes.AsSpan(at, part));
                at += part;
            }

            Assert.Equal(expected, hash.Current);
        }
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 131) + (i >> 8));
        }

        return bytes;
    }
}
