using System.Text;
using LlmdAspire.Protocols.Cbor;
using LlmdAspire.Protocols.Tests.MessagePack;

namespace LlmdAspire.Protocols.Tests.Cbor;

/// <summary>Canonical CBOR against Python's cbor2 (<c>Vectors/cbor.txt</c>).</summary>
public sealed class CanonicalCborTests
{
    private static readonly Dictionary<string, byte[]> s_vectors = HexVectors.Load("Cbor", "Vectors", "cbor.txt");

    [Fact]
    public void Integers_TakeTheirShortestForm()
    {
        var cbor = new CanonicalCbor(new byte[256]);
        cbor.WriteArrayHeader(16);
        foreach (var value in (ulong[])[0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, ulong.MaxValue])
        {
            cbor.Write(value);
        }

        foreach (var value in (long[])[-1, -24, -25, -256, -257, long.MinValue])
        {
            cbor.Write(value);
        }

        Assert.Equal(s_vectors["integers"], cbor.Written.ToArray());
    }

    [Fact]
    public void Texts_CarryTheirLengthInBytes()
    {
        var cbor = new CanonicalCbor(new byte[512]);
        cbor.WriteArrayHeader(6);
        foreach (var text in new[] { "", "0", new string('x', 23), new string('x', 24), new string('x', 256), "é" })
        {
            cbor.WriteText(Encoding.UTF8.GetBytes(text));
        }

        Assert.Equal(s_vectors["texts"], cbor.Written.ToArray());
    }

    [Fact]
    public void Binaries_CarryTheirLength()
    {
        var cbor = new CanonicalCbor(new byte[512]);
        cbor.WriteArrayHeader(3);
        cbor.WriteBinary([]);
        cbor.WriteBinary([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        cbor.WriteBinary(new byte[300]);

        Assert.Equal(s_vectors["bytes"], cbor.Written.ToArray());
    }

    [Fact]
    public void BlockInput_IsParentTokensAndExtras()
    {
        var cbor = new CanonicalCbor(new byte[256]);
        cbor.WriteArrayHeader(3);
        cbor.WriteBinary(new byte[32]);
        cbor.WriteTokenIds([1, 2, 128255]);
        cbor.WriteNull();

        Assert.Equal(s_vectors["nested"], cbor.Written.ToArray());
    }

    [Fact]
    public void ExtraKeys_NestAsPairs()
    {
        var cbor = new CanonicalCbor(new byte[256]);
        cbor.WriteArrayHeader(3);
        cbor.WriteBinary(new byte[32]);
        cbor.WriteTokenIds([7]);
        cbor.WriteArrayHeader(4);
        cbor.WriteText("adapter"u8);
        cbor.WriteArrayHeader(2);
        cbor.WriteText("mm-hash"u8);
        cbor.Write(-3L);
        cbor.WriteText("salt"u8);
        cbor.WriteBinary([0xde, 0xad]);

        Assert.Equal(s_vectors["extras"], cbor.Written.ToArray());
    }
}
