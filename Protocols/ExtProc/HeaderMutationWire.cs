using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>HeaderMutation on the wire: 1 set_headers {1 header, 2 append {1 value}, 3 append_action, 4 keep_empty_value}, 2 remove_headers.</summary>
internal static class HeaderMutationWire
{
    public static int Measure(HeaderMutation mutation)
    {
        var size = 0;
        for (var i = 0; i < mutation.Set.Count; i++)
        {
            var change = mutation.Set[i];
            size += ProtoSize.Message(1, Measure(change, HeaderWire.Measure(change.Header)));
        }

        for (var i = 0; i < mutation.Remove.Count; i++)
        {
            size += ProtoSize.Text(2, mutation.Remove[i]);
        }

        return size;
    }

    public static void Write(ref ProtoWriter writer, HeaderMutation mutation)
    {
        for (var i = 0; i < mutation.Set.Count; i++)
        {
            var change = mutation.Set[i];
            var headerSize = HeaderWire.Measure(change.Header);
            writer.Message(1, Measure(change, headerSize));
            writer.Message(1, headerSize);
            HeaderWire.Write(ref writer, change.Header);
            if (change.Append is { } append)
            {
                writer.Message(2, ProtoSize.Flag(1, append));
                writer.Flag(1, append);
            }

            writer.Number(3, (ulong)change.Action);
            writer.Flag(4, change.KeepsEmptyValue);
        }

        for (var i = 0; i < mutation.Remove.Count; i++)
        {
            writer.Text(2, mutation.Remove[i]);
        }
    }

    public static HeaderMutation Read(in ReadOnlySequence<byte> bytes)
    {
        // One copy for all headers, which outlive the message.
        ReadOnlyMemory<byte> copy = bytes.ToArray();
        var mutation = new HeaderMutation();
        var reader = new ProtoReader(new ReadOnlySequence<byte>(copy));
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    mutation.Set.Add(ReadChange(reader.ReadBytes()));
                    break;
                case (2, WireType.Bytes):
                    mutation.Remove.Add(KnownHeaderNames.Intern(reader.ReadBytes().FirstSpan));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return mutation;
    }

    private static int Measure(in HeaderChange change, int headerSize) =>
        ProtoSize.Message(1, headerSize)
        + (change.Append is { } append ? ProtoSize.Message(2, ProtoSize.Flag(1, append)) : 0)
        + ProtoSize.Number(3, (ulong)change.Action)
        + ProtoSize.Flag(4, change.KeepsEmptyValue);

    private static HeaderChange ReadChange(in ReadOnlySequence<byte> bytes)
    {
        var change = new HeaderChange(new EnvoyHeader("", ReadOnlyMemory<byte>.Empty), HeaderAppendAction.AppendIfExistsOrAdd);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    change = change with { Header = HeaderWire.Read(reader.ReadBytes()) };
                    break;
                case (2, WireType.Bytes):
                    change = change with { Append = ReadBoolValue(reader.ReadBytes()) };
                    break;
                case (3, WireType.Varint):
                    change = change with { Action = (HeaderAppendAction)reader.ReadInt32() };
                    break;
                case (4, WireType.Varint):
                    change = change with { KeepsEmptyValue = reader.ReadBool() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return change;
    }

    private static bool ReadBoolValue(in ReadOnlySequence<byte> bytes)
    {
        var value = false;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Varint))
            {
                value = reader.ReadBool();
            }
            else
            {
                reader.Skip();
            }
        }

        return value;
    }
}
