using System.Buffers.Binary;
using System.Globalization;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Events;
using LlmdAspire.KvIndexer.Index;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>How the shared state looks in Redis, and the messages about it.</summary>
/// <remarks>
/// A block is a field of 13 bytes (hash, tier, group; big-endian) with its key of 8 bytes as value. What else belongs to an endpoint stands in fields of the same
/// hash whose names begin with a dot and are shorter. <see cref="Revision"/> is part of every Redis key, so that another layout meets none of this one.
/// </remarks>
internal static class SharedFormat
{
    public const int Revision = 1;

    private const int FieldBytes = 13;

    public static byte[] Field(BlockHandle block)
    {
        var field = new byte[FieldBytes];
        BinaryPrimitives.WriteUInt64BigEndian(field, block.Hash);
        field[8] = (byte)block.Tier;
        BinaryPrimitives.WriteInt32BigEndian(field.AsSpan(9), block.Group);
        return field;
    }

    public static byte[] Key(ulong key)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, key);
        return bytes;
    }

    /// <summary>Reads a field and its value; false for one that is no block.</summary>
    public static bool TryRead(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, out BlockHandle block, out ulong key)
    {
        (block, key) = (default, 0);
        if (field.Length != FieldBytes || value.Length != 8 || field[8] >= Tiers.Visible)
        {
            return false;
        }

        block = new BlockHandle((Tier)field[8], BinaryPrimitives.ReadInt32BigEndian(field[9..]), BinaryPrimitives.ReadUInt64BigEndian(field));
        key = BinaryPrimitives.ReadUInt64BigEndian(value);
        return true;
    }

    /// <summary>A header as text: sequence, time, parts, doubt.</summary>
    public static string Write(SharedHeader header) => string.Create(
        CultureInfo.InvariantCulture, $"{header.At?.Sequence ?? -1} {header.At?.Time ?? 0:R} {header.PartsPerBlock} {(header.IsDoubtful ? 1 : 0)}");

    public static SharedHeader? ReadHeader(string? text)
    {
        var parts = text?.Split(' ') ?? [];
        return parts.Length == 4
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sequence)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var time)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var blocks) && blocks > 0
                ? new SharedHeader(sequence < 0 ? null : new StreamPosition(sequence, time), blocks, parts[3] == "1")
                : null;
    }

    public static byte[] Write(SharedChange change)
    {
        using var memory = new MemoryStream(64 + (change.Changes.Count * (FieldBytes + 9)));
        using var writer = new BinaryWriter(memory);
        writer.Write(change.Name);
        writer.Write(change.Before ?? "");
        writer.Write(change.After);
        writer.Write(Write(change.Header));
        writer.Write(change.Cleared);
        writer.Write(change.Changes.Count);
        foreach (var (block, key) in change.Changes)
        {
            writer.Write(Field(block));
            writer.Write(key is not null);
            writer.Write(Key(key ?? 0));
        }

        writer.Flush();
        return memory.ToArray();
    }

    /// <summary>Reads a message; null when it is none.</summary>
    public static SharedChange? ReadChange(byte[] message)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(message));
            var (name, before, after) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
            var (header, cleared, count) = (ReadHeader(reader.ReadString()), reader.ReadBoolean(), reader.ReadInt32());
            if (header is null || count < 0 || count > message.Length / FieldBytes)
            {
                return null;
            }

            var changes = new List<KeyValuePair<BlockHandle, ulong?>>(count);
            while (changes.Count < count)
            {
                var field = reader.ReadBytes(FieldBytes);
                var stored = reader.ReadBoolean();
                if (!TryRead(field, reader.ReadBytes(8), out var block, out var key))
                {
                    return null;
                }

                changes.Add(new(block, stored ? key : null));
            }

            return new SharedChange(name, before.Length == 0 ? null : before, after, header, cleared, changes);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            // Another program's message on our channel.
            return null;
        }
    }
}
