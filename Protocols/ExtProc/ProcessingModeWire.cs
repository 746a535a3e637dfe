using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>ProcessingMode on the wire: headers 1 and 2, bodies 3 and 4, trailers 5 and 6, request before response.</summary>
internal static class ProcessingModeWire
{
    public static int Measure(ProcessingMode mode)
    {
        var size = 0;
        for (var field = 1; field <= 6; field++)
        {
            size += ProtoSize.Number(field, ValueOf(mode, field));
        }

        return size;
    }

    public static void Write(ref ProtoWriter writer, ProcessingMode mode)
    {
        for (var field = 1; field <= 6; field++)
        {
            writer.Number(field, ValueOf(mode, field));
        }
    }

    public static ProcessingMode Read(in ReadOnlySequence<byte> bytes)
    {
        var mode = new ProcessingMode();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Type != WireType.Varint)
            {
                reader.Skip();
                continue;
            }

            var value = reader.ReadInt32();
            mode = reader.Field switch
            {
                1 => mode with { RequestHeaders = (HeaderSendMode)value },
                2 => mode with { ResponseHeaders = (HeaderSendMode)value },
                3 => mode with { RequestBody = (BodySendMode)value },
                4 => mode with { ResponseBody = (BodySendMode)value },
                5 => mode with { RequestTrailers = (HeaderSendMode)value },
                6 => mode with { ResponseTrailers = (HeaderSendMode)value },
                _ => mode,
            };
        }

        return mode;
    }

    private static ulong ValueOf(ProcessingMode mode, int field) => (ulong)(field switch
    {
        1 => (int)mode.RequestHeaders,
        2 => (int)mode.ResponseHeaders,
        3 => (int)mode.RequestBody,
        4 => (int)mode.ResponseBody,
        5 => (int)mode.RequestTrailers,
        _ => (int)mode.ResponseTrailers,
    });
}
