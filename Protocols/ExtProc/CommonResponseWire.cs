using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>What the answers to headers and bodies have in common.</summary>
internal readonly record struct CommonResponse(bool ReplacesMessage, HeaderMutation? Headers, BodyMutation Body, bool ClearsRouteCache);

/// <summary>CommonResponse on the wire: 1 status, 2 header_mutation, 3 body_mutation {one of 1 body, 2 clear_body, 3 streamed_response {1 body, 2 end_of_stream}}, 5 clear_route_cache.</summary>
internal static class CommonResponseWire
{
    public static int Measure(ProcessingResponse message) =>
        ProtoSize.Flag(1, message.ReplacesMessage)
        + (message.Headers is { } headers ? ProtoSize.Message(2, HeaderMutationWire.Measure(headers)) : 0)
        + (message.Body.Kind == BodyMutationKind.None ? 0 : ProtoSize.Message(3, Measure(message.Body)))
        + ProtoSize.Flag(5, message.ClearsRouteCache);

    public static void Write(ref ProtoWriter writer, ProcessingResponse message)
    {
        writer.Flag(1, message.ReplacesMessage);
        if (message.Headers is { } headers)
        {
            writer.Message(2, HeaderMutationWire.Measure(headers));
            HeaderMutationWire.Write(ref writer, headers);
        }

        if (message.Body.Kind != BodyMutationKind.None)
        {
            writer.Message(3, Measure(message.Body));
            Write(ref writer, message.Body);
        }

        writer.Flag(5, message.ClearsRouteCache);
    }

    public static CommonResponse Read(in ReadOnlySequence<byte> bytes)
    {
        var common = default(CommonResponse);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Varint):
                    common = common with { ReplacesMessage = reader.ReadBool() };
                    break;
                case (2, WireType.Bytes):
                    common = common with { Headers = HeaderMutationWire.Read(reader.ReadBytes()) };
                    break;
                case (3, WireType.Bytes):
                    common = common with { Body = ReadBody(reader.ReadBytes()) };
                    break;
                case (5, WireType.Varint):
                    common = common with { ClearsRouteCache = reader.ReadBool() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return common;
    }

    private static int MeasureStreamed(in BodyMutation body) => ProtoSize.Bytes(1, body.Body.Length) + ProtoSize.Flag(2, body.EndOfStream);

    private static int Measure(in BodyMutation body) => body.Kind switch
    {
        BodyMutationKind.Stream => ProtoSize.Message(3, MeasureStreamed(body)),
        BodyMutationKind.Clear => ProtoSize.Flag(2, true),
        _ => ProtoSize.Message(1, checked((int)body.Body.Length)),
    };

    private static void Write(ref ProtoWriter writer, in BodyMutation body)
    {
        switch (body.Kind)
        {
            case BodyMutationKind.Stream:
                writer.Message(3, MeasureStreamed(body));
                writer.Bytes(1, body.Body);
                writer.Flag(2, body.EndOfStream);
                break;
            case BodyMutationKind.Clear:
                writer.Flag(2, true);
                break;
            case BodyMutationKind.Replace when body.Body.IsEmpty:
                // Replaced by nothing is still a replacement.
                writer.Message(1, 0);
                break;
            case BodyMutationKind.Replace:
                writer.Bytes(1, body.Body);
                break;
        }
    }

    private static BodyMutation ReadBody(in ReadOnlySequence<byte> bytes)
    {
        var body = default(BodyMutation);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    body = new BodyMutation(BodyMutationKind.Replace, reader.ReadBytes());
                    break;
                case (2, WireType.Varint):
                    body = new BodyMutation(reader.ReadBool() ? BodyMutationKind.Clear : BodyMutationKind.None);
                    break;
                case (3, WireType.Bytes):
                    body = ReadStreamed(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return body;
    }

    private static BodyMutation ReadStreamed(in ReadOnlySequence<byte> bytes)
    {
        var body = new BodyMutation(BodyMutationKind.Stream);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    body = body with { Body = reader.ReadBytes() };
                    break;
                case (2, WireType.Varint):
                    body = body with { EndOfStream = reader.ReadBool() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return body;
    }
}
