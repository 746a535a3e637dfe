using System.Buffers;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>ProcessingRequest on the wire.</summary>
/// <remarks>
/// 2 request_headers, 3 response_headers {1 headers, 3 end_of_stream}; 4 request_body, 5 response_body {1 body, 2 end_of_stream};
/// 6 request_trailers, 7 response_trailers {1 trailers}; 8 metadata_context {1 filter_metadata: map}; 9 attributes: map;
/// 10 observability_mode; 11 protocol_config {1 request_body_mode, 2 response_body_mode, 3 send_body_without_waiting_for_header_response}.
/// </remarks>
internal sealed class ProcessingRequestCodec : IMessageCodec<ProcessingRequest>
{
    public static readonly ProcessingRequestCodec Instance = new();

    public int Measure(ProcessingRequest message)
    {
        var size = message.Step == ProcessingStep.None ? 0 : ProtoSize.Message(FieldOf(message.Step), MeasurePart(message));
        if (message.FilterMetadata is { } metadata)
        {
            size += ProtoSize.Message(8, StructWire.MeasureMap(1, metadata));
        }

        if (message.Attributes is { } attributes)
        {
            size += StructWire.MeasureMap(9, attributes);
        }

        if (message.Protocol is { } protocol)
        {
            size += ProtoSize.Message(11, Measure(protocol));
        }

        return size + ProtoSize.Flag(10, message.IsObservation);
    }

    public void Write(ProcessingRequest message, IBufferWriter<byte> output)
    {
        var writer = new ProtoWriter(output);
        if (message.Step != ProcessingStep.None)
        {
            writer.Message(FieldOf(message.Step), MeasurePart(message));
            WritePart(ref writer, message);
        }

        if (message.FilterMetadata is { } metadata)
        {
            writer.Message(8, StructWire.MeasureMap(1, metadata));
            StructWire.WriteMap(ref writer, 1, metadata);
        }

        if (message.Attributes is { } attributes)
        {
            StructWire.WriteMap(ref writer, 9, attributes);
        }

        writer.Flag(10, message.IsObservation);
        if (message.Protocol is { } protocol)
        {
            writer.Message(11, Measure(protocol));
            writer.Number(1, (ulong)protocol.RequestBodyMode);
            writer.Number(2, (ulong)protocol.ResponseBodyMode);
            writer.Flag(3, protocol.SendsBodyEarly);
        }

        writer.Flush();
    }

    public ProcessingRequest Read(in ReadOnlySequence<byte> bytes)
    {
        var part = new Part(ProcessingStep.None, EnvoyHeaders.Empty, default, EndOfStream: false);
        List<KeyValuePair<string, StructValue>>? metadata = null;
        List<KeyValuePair<string, StructValue>>? attributes = null;
        var isObservation = false;
        ProtocolConfiguration? protocol = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (>= 2 and <= 7, WireType.Bytes):
                    part = ReadPart(StepOf(reader.Field), reader.ReadBytes());
                    break;
                case (8, WireType.Bytes):
                    ReadMetadata(reader.ReadBytes(), metadata ??= []);
                    break;
                case (9, WireType.Bytes):
                    (attributes ??= []).Add(StructWire.ReadMapEntry(reader.ReadBytes()));
                    break;
                case (10, WireType.Varint):
                    isObservation = reader.ReadBool();
                    break;
                case (11, WireType.Bytes):
                    protocol = ReadProtocol(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new ProcessingRequest
        {
            Step = part.Step,
            Headers = part.Headers,
            Body = part.Body,
            EndOfStream = part.EndOfStream,
            FilterMetadata = metadata is null ? null : StructValue.OfFields(metadata),
            Attributes = attributes is null ? null : StructValue.OfFields(attributes),
            IsObservation = isObservation,
            Protocol = protocol,
        };
    }

    private static int FieldOf(ProcessingStep step) =>
        step is >= ProcessingStep.RequestHeaders and <= ProcessingStep.ResponseTrailers
            ? (int)step + 1
            : throw new ArgumentException($"A request cannot be about {step}.", nameof(step));

    private static ProcessingStep StepOf(int field) => (ProcessingStep)(field - 1);

    private static bool IsBody(ProcessingStep step) => step is ProcessingStep.RequestBody or ProcessingStep.ResponseBody;

    private static bool IsTrailers(ProcessingStep step) => step is ProcessingStep.RequestTrailers or ProcessingStep.ResponseTrailers;

    private static int MeasurePart(ProcessingRequest message)
    {
        if (IsBody(message.Step))
        {
            return ProtoSize.Bytes(1, message.Body.Length) + ProtoSize.Flag(2, message.EndOfStream);
        }

        var size = ProtoSize.Message(1, HeaderWire.MeasureMap(message.Headers));
        return IsTrailers(message.Step) ? size : size + ProtoSize.Flag(3, message.EndOfStream);
    }

    private static void WritePart(ref ProtoWriter writer, ProcessingRequest message)
    {
        if (IsBody(message.Step))
        {
            writer.Bytes(1, message.Body);
            writer.Flag(2, message.EndOfStream);
            return;
        }

        writer.Message(1, HeaderWire.MeasureMap(message.Headers));
        HeaderWire.WriteMap(ref writer, message.Headers);
        if (!IsTrailers(message.Step))
        {
            writer.Flag(3, message.EndOfStream);
        }
    }

    private static Part ReadPart(ProcessingStep step, in ReadOnlySequence<byte> bytes)
    {
        var headers = EnvoyHeaders.Empty;
        var body = ReadOnlySequence<byte>.Empty;
        var endOfStream = false;
        var isBody = IsBody(step);
        var endField = isBody ? 2 : 3;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Type)
            {
                case WireType.Bytes when reader.Field == 1 && isBody:
                    body = reader.ReadBytes();
                    break;
                case WireType.Bytes when reader.Field == 1:
                    headers = HeaderWire.ReadMap(reader.ReadBytes());
                    break;
                case WireType.Varint when reader.Field == endField:
                    endOfStream = reader.ReadBool();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Part(step, headers, body, endOfStream);
    }

    private static void ReadMetadata(in ReadOnlySequence<byte> bytes, List<KeyValuePair<string, StructValue>> metadata)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Bytes))
            {
                metadata.Add(StructWire.ReadMapEntry(reader.ReadBytes()));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static int Measure(ProtocolConfiguration protocol) =>
        ProtoSize.Number(1, (ulong)protocol.RequestBodyMode) + ProtoSize.Number(2, (ulong)protocol.ResponseBodyMode) + ProtoSize.Flag(3, protocol.SendsBodyEarly);

    private static ProtocolConfiguration ReadProtocol(in ReadOnlySequence<byte> bytes)
    {
        var protocol = new ProtocolConfiguration(BodySendMode.None, BodySendMode.None, SendsBodyEarly: false);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Varint):
                    protocol = protocol with { RequestBodyMode = (BodySendMode)reader.ReadInt32() };
                    break;
                case (2, WireType.Varint):
                    protocol = protocol with { ResponseBodyMode = (BodySendMode)reader.ReadInt32() };
                    break;
                case (3, WireType.Varint):
                    protocol = protocol with { SendsBodyEarly = reader.ReadBool() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return protocol;
    }

    private readonly record struct Part(ProcessingStep Step, EnvoyHeaders Headers, ReadOnlySequence<byte> Body, bool EndOfStream);
}
