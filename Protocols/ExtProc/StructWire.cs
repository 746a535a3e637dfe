using System.Buffers;
using System.Text;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>google.protobuf.Struct on the wire.</summary>
internal static class StructWire
{
    // Struct: 1 fields (a map: entries of 1 key, 2 value). Value: one of 1 null, 2 number, 3 string, 4 bool, 5 struct, 6 list. ListValue: 1 values.
    // Protobuf's own readers stop at a depth of 100 messages; a nested struct takes three per level.
    private const int MaxDepth = 32;

    public static int MeasureFields(StructValue value)
    {
        var size = 0;
        foreach (var (key, field) in value.Fields)
        {
            size += ProtoSize.Message(1, MeasureEntry(key, Measure(field)));
        }

        return size;
    }

    public static void WriteFields(ref ProtoWriter writer, StructValue value)
    {
        foreach (var (key, field) in value.Fields)
        {
            var size = Measure(field);
            writer.Message(1, MeasureEntry(key, size));
            writer.Text(1, key);
            writer.Message(2, size);
            Write(ref writer, field);
        }
    }

    /// <summary>A map from names to structs, as metadata and attributes are.</summary>
    public static int MeasureMap(int field, StructValue map)
    {
        var size = 0;
        foreach (var (key, value) in map.Fields)
        {
            size += ProtoSize.Message(field, MeasureEntry(key, MeasureFields(value)));
        }

        return size;
    }

    /// <inheritdoc cref="MeasureMap"/>
    public static void WriteMap(ref ProtoWriter writer, int field, StructValue map)
    {
        foreach (var (key, value) in map.Fields)
        {
            var size = MeasureFields(value);
            writer.Message(field, MeasureEntry(key, size));
            writer.Text(1, key);
            writer.Message(2, size);
            WriteFields(ref writer, value);
        }
    }

    /// <summary>Reads a Struct.</summary>
    public static StructValue ReadFields(in ReadOnlySequence<byte> bytes, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"A protobuf struct is nested more than {MaxDepth} deep.");
        }

        var fields = new List<KeyValuePair<string, StructValue>>();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Bytes))
            {
                var (key, value) = ReadEntry(reader.ReadBytes());
                fields.Add(new(key, Read(value, depth + 1)));
            }
            else
            {
                reader.Skip();
            }
        }

        return StructValue.OfFields(fields);
    }

    /// <summary>Reads one entry of a map from names to structs.</summary>
    public static KeyValuePair<string, StructValue> ReadMapEntry(in ReadOnlySequence<byte> bytes)
    {
        var (key, value) = ReadEntry(bytes);
        return new(key, ReadFields(value));
    }

    private static int MeasureEntry(string key, int valueSize) => ProtoSize.Text(1, key) + ProtoSize.Message(2, valueSize);

    private static int Measure(StructValue value) => value.Kind switch
    {
        StructKind.Number => 1 + sizeof(double),
        StructKind.Text => ProtoSize.Message(3, Encoding.UTF8.GetByteCount(value.Text!)),
        StructKind.Fields => ProtoSize.Message(5, MeasureFields(value)),
        StructKind.Items => ProtoSize.Message(6, MeasureItems(value)),
        _ => 2,
    };

    private static int MeasureItems(StructValue list)
    {
        var size = 0;
        foreach (var item in list.Items)
        {
            size += ProtoSize.Message(1, Measure(item));
        }

        return size;
    }

    private static void Write(ref ProtoWriter writer, StructValue value)
    {
        switch (value.Kind)
        {
            case StructKind.Null:
                writer.Varint(1, 0);
                break;
            case StructKind.Number:
                writer.Real(2, value.Number);
                break;
            case StructKind.Text:
                WriteText(ref writer, value.Text!);
                break;
            case StructKind.Flag:
                writer.Varint(4, value.Flag ? 1UL : 0);
                break;
            case StructKind.Fields:
                writer.Message(5, MeasureFields(value));
                WriteFields(ref writer, value);
                break;
            case StructKind.Items:
                writer.Message(6, MeasureItems(value));
                foreach (var item in value.Items)
                {
                    writer.Message(1, Measure(item));
                    Write(ref writer, item);
                }

                break;
        }
    }

    // An empty string is a value too, so it may not be left out.
    private static void WriteText(ref ProtoWriter writer, string text)
    {
        if (text.Length == 0)
        {
            writer.Message(3, 0);
        }
        else
        {
            writer.Text(3, text);
        }
    }

    private static (string Key, ReadOnlySequence<byte> Value) ReadEntry(in ReadOnlySequence<byte> bytes)
    {
        var key = "";
        var value = ReadOnlySequence<byte>.Empty;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    key = reader.ReadString();
                    break;
                case (2, WireType.Bytes):
                    value = reader.ReadBytes();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (key, value);
    }

    private static StructValue Read(in ReadOnlySequence<byte> bytes, int depth)
    {
        var value = StructValue.Null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Varint):
                    _ = reader.ReadVarint();
                    value = StructValue.Null;
                    break;
                case (2, WireType.Fixed64):
                    value = StructValue.Of(reader.ReadDouble());
                    break;
                case (3, WireType.Bytes):
                    value = StructValue.Of(reader.ReadString());
                    break;
                case (4, WireType.Varint):
                    value = StructValue.Of(reader.ReadBool());
                    break;
                case (5, WireType.Bytes):
                    value = ReadFields(reader.ReadBytes(), depth);
                    break;
                case (6, WireType.Bytes):
                    value = ReadItems(reader.ReadBytes(), depth);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return value;
    }

    private static StructValue ReadItems(in ReadOnlySequence<byte> bytes, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"A protobuf list is nested more than {MaxDepth} deep.");
        }

        var items = new List<StructValue>();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Bytes))
            {
                items.Add(Read(reader.ReadBytes(), depth + 1));
            }
            else
            {
                reader.Skip();
            }
        }

        return StructValue.OfItems(items);
    }
}
