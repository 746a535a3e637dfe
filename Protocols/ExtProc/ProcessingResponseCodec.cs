using System.Buffers;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>ProcessingResponse on the wire; its parts are in the files beside this one.</summary>
/// <remarks>
/// 1 request_headers, 2 response_headers, 3 request_body, 4 response_body {1 response: CommonResponse};
/// 5 request_trailers, 6 response_trailers {1 header_mutation}; 7 immediate_response; 8 dynamic_metadata: Struct; 9 mode_override; 10 override_message_timeout.
/// </remarks>
internal sealed class ProcessingResponseCodec : IMessageCodec<ProcessingResponse>
{
    public static readonly ProcessingResponseCodec Instance = new();

    public int Measure(ProcessingResponse message)
    {
        var size = message.Step == ProcessingStep.None ? 0 : ProtoSize.Message(FieldOf(message.Step), MeasurePart(message));
        if (message.DynamicMetadata is { } metadata)
        {
            size += ProtoSize.Message(8, StructWire.MeasureFields(metadata));
        }

        if (message.ModeOverride is { } mode)
        {
            size += ProtoSize.Message(9, ProcessingModeWire.Measure(mode));
        }

        if (message.OverrideMessageTimeout is { } timeout)
        {
            size += ProtoSize.Message(10, DurationWire.Measure(timeout));
        }

        return size;
    }

    public void Write(ProcessingResponse message, IBufferWriter<byte> output)
    {
        var writer = new ProtoWriter(output);
        if (message.Step != ProcessingStep.None)
        {
            writer.Message(FieldOf(message.Step), MeasurePart(message));
            WritePart(ref writer, message);
        }

        if (message.DynamicMetadata is { } metadata)
        {
            writer.Message(8, StructWire.MeasureFields(metadata));
            StructWire.WriteFields(ref writer, metadata);
        }

        if (message.ModeOverride is { } mode)
        {
            writer.Message(9, ProcessingModeWire.Measure(mode));
            ProcessingModeWire.Write(ref writer, mode);
        }

        if (message.OverrideMessageTimeout is { } timeout)
        {
            writer.Message(10, DurationWire.Measure(timeout));
            DurationWire.Write(ref writer, timeout);
        }

        writer.Flush();
    }

    public ProcessingResponse Read(in ReadOnlySequence<byte> bytes)
    {
        var step = ProcessingStep.None;
        var part = ReadOnlySequence<byte>.Empty;
        StructValue? metadata = null;
        ProcessingMode? mode = null;
        TimeSpan? timeout = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (>= 1 and <= 7, WireType.Bytes):
                    step = (ProcessingStep)reader.Field;
                    part = reader.ReadBytes();
                    break;
                case (8, WireType.Bytes):
                    metadata = StructWire.ReadFields(reader.ReadBytes());
                    break;
                case (9, WireType.Bytes):
                    mode = ProcessingModeWire.Read(reader.ReadBytes());
                    break;
                case (10, WireType.Bytes):
                    timeout = DurationWire.Read(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var common = ReadPart(step, part);
        return new ProcessingResponse
        {
            Step = step,
            ReplacesMessage = common.ReplacesMessage,
            Headers = common.Headers,
            Body = common.Body,
            ClearsRouteCache = common.ClearsRouteCache,
            Immediate = step == ProcessingStep.ImmediateResponse ? ImmediateResponseWire.Read(part) : null,
            DynamicMetadata = metadata,
            ModeOverride = mode,
            OverrideMessageTimeout = timeout,
        };
    }

    // The steps are numbered as the fields of this message are.
    private static int FieldOf(ProcessingStep step) => (int)step;

    private static bool IsTrailers(ProcessingStep step) => step is ProcessingStep.RequestTrailers or ProcessingStep.ResponseTrailers;

    private static ImmediateResponse ImmediateOf(ProcessingResponse message) =>
        message.Immediate ?? throw new ArgumentException("A response of step ImmediateResponse needs one.", nameof(message));

    private static int MeasurePart(ProcessingResponse message) => message.Step switch
    {
        ProcessingStep.ImmediateResponse => ImmediateResponseWire.Measure(ImmediateOf(message)),
        ProcessingStep.RequestTrailers or ProcessingStep.ResponseTrailers => message.Headers is { } trailers ? ProtoSize.Message(1, HeaderMutationWire.Measure(trailers)) : 0,
        _ => ProtoSize.Message(1, CommonResponseWire.Measure(message)),
    };

    private static void WritePart(ref ProtoWriter writer, ProcessingResponse message)
    {
        if (message.Step == ProcessingStep.ImmediateResponse)
        {
            ImmediateResponseWire.Write(ref writer, ImmediateOf(message));
        }
        else if (!IsTrailers(message.Step))
        {
            writer.Message(1, CommonResponseWire.Measure(message));
            CommonResponseWire.Write(ref writer, message);
        }
        else if (message.Headers is { } trailers)
        {
            writer.Message(1, HeaderMutationWire.Measure(trailers));
            HeaderMutationWire.Write(ref writer, trailers);
        }
    }

    // All parts but the immediate response hold one message in field 1: a CommonResponse, or for trailers a HeaderMutation.
    private static CommonResponse ReadPart(ProcessingStep step, in ReadOnlySequence<byte> bytes)
    {
        var common = default(CommonResponse);
        if (step == ProcessingStep.ImmediateResponse)
        {
            return common;
        }

        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) != (1, WireType.Bytes))
            {
                reader.Skip();
            }
            else if (IsTrailers(step))
            {
                common = common with { Headers = HeaderMutationWire.Read(reader.ReadBytes()) };
            }
            else
            {
                common = CommonResponseWire.Read(reader.ReadBytes());
            }
        }

        return common;
    }
}
