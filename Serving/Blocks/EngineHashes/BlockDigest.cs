using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace LlmdAspire.Serving.Blocks.EngineHashes;

/// <summary>An engine's hash of a block: 32 bytes, held in place.</summary>
[InlineArray(Size)]
public struct BlockDigest : IEquatable<BlockDigest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Size = 32;

    private byte _first;

    /// <summary>The form in which events carry it by default: the digest's last eight bytes as a big-endian number.</summary>
    public readonly ulong External => BinaryPrimitives.ReadUInt64BigEndian(((ReadOnlySpan<byte>)this)[(Size - 8)..]);

    /// <summary>A digest of 32 given bytes.</summary>
    public static BlockDigest From(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size, nameof(bytes));
        BlockDigest digest = default;
        bytes.CopyTo(digest);
        return digest;
    }

    /// <inheritdoc/>
    public readonly bool Equals(BlockDigest other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is BlockDigest other && Equals(other);

    /// <summary>The external form is as good a hash as any.</summary>
    public override readonly int GetHashCode() => External.GetHashCode();

    /// <summary>Lower-case hexadecimal.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower(this);

    /// <summary>Byte-wise equality.</summary>
    public static bool operator ==(BlockDigest left, BlockDigest right) => left.Equals(right);

    /// <summary>Byte-wise inequality.</summary>
    public static bool operator !=(BlockDigest left, BlockDigest right) => !left.Equals(right);
}
