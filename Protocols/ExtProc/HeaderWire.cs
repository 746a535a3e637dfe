using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>envoy.config.core.v3.HeaderMap on the wire: 1 headers, each of 1 key, 2 value, 3 raw_value.</summary>
internal static class HeaderWire
{
    private static readonly ReadOnlyMemory<byte> s_empty = Array.Empty<byte>();

    /// <summary>Size of the fields of one header. Values go out as raw_value, the field that Envoy itself fills.</summary>
    public static int Measure(in EnvoyHeader header) => ProtoSize.Text(1, header.Name) + ProtoSize.Bytes(3, header.Value.Length);

    public static void Write(ref ProtoWriter writer, in EnvoyHeader header)
    {
        writer.Text(1, header.Name);
        writer.Bytes(3, header.Value.Span);
    }

    public static int MeasureMap(EnvoyHeaders headers)
    {
        var size = 0;
        for (var i = 0; i < headers.Count; i++)
        {
            size += ProtoSize.Message(1, Measure(headers[i]));
        }

        return size;
    }

    public static void WriteMap(ref ProtoWriter writer, EnvoyHeaders headers)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            writer.Message(1, Measure(header));
            Write(ref writer, header);
        }
    }

    public static EnvoyHeaders ReadMap(in ReadOnlySequence<byte> bytes)
    {
        // Headers outlive the message, so the map is copied once, and names and values are cut from the copy.
        ReadOnlyMemory<byte> copy = bytes.ToArray();
        var headers = new List<EnvoyHeader>(capacity: 16);
        var reader = new ProtoReader(new ReadOnlySequence<byte>(copy));
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Bytes))
            {
                headers.Add(Read(reader.ReadBytes()));
            }
            else
            {
                reader.Skip();
            }
        }

        return new EnvoyHeaders(headers);
    }

    /// <summary>Reads one header from a buffer of a single piece that the header may keep.</summary>
    public static EnvoyHeader Read(in ReadOnlySequence<byte> bytes)
    {
        var name = "";
        var value = s_empty;
        var raw = s_empty;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    name = KnownHeaderNames.Intern(reader.ReadBytes().FirstSpan);
                    break;
                case (2, WireType.Bytes):
                    value = reader.ReadBytes().First;
                    break;
                case (3, WireType.Bytes):
                    raw = reader.ReadBytes().First;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new EnvoyHeader(name, raw.IsEmpty ? value : raw);
    }
}
