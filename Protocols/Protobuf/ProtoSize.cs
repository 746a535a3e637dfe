using System.Numerics;
using System.Text;

namespace LlmdAspire.Protocols.Protobuf;

/// <summary>How many bytes <see cref="ProtoWriter"/> will write; defaults (zero, false, empty) take none.</summary>
public static class ProtoSize
{
    public static int Varint(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>A field of <paramref name="length"/> bytes that is written even when empty, such as a submessage.</summary>
    public static int Message(int field, int length) => Tag(field) + Varint((ulong)length) + length;

    /// <summary>A field of <paramref name="length"/> bytes that is left out when empty.</summary>
    public static int Bytes(int field, long length) => length == 0 ? 0 : Message(field, checked((int)length));

    public static int Text(int field, string value) => Bytes(field, Encoding.UTF8.GetByteCount(value));

    public static int Number(int field, ulong value) => value == 0 ? 0 : Tag(field) + Varint(value);

    public static int Flag(int field, bool value) => value ? Tag(field) + 1 : 0;

    internal static int Tag(int field) => Varint((ulong)field << 3);
}
