using System.Buffers;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>ImmediateResponse on the wire: 1 status {1 code}, 2 headers, 3 body, 4 grpc_status {1 status}, 5 details.</summary>
internal static class ImmediateResponseWire
{
    public static int Measure(ImmediateResponse response) =>
        ProtoSize.Message(1, ProtoSize.Number(1, (ulong)response.StatusCode))
        + (response.Headers.IsEmpty ? 0 : ProtoSize.Message(2, HeaderMutationWire.Measure(response.Headers)))
        + ProtoSize.Bytes(3, response.Body.Length)
        + (response.GrpcStatus is { } status ? ProtoSize.Message(4, ProtoSize.Number(1, (ulong)status)) : 0)
        + ProtoSize.Text(5, response.Details);

    public static void Write(ref ProtoWriter writer, ImmediateResponse response)
    {
        writer.Message(1, ProtoSize.Number(1, (ulong)response.StatusCode));
        writer.Number(1, (ulong)response.StatusCode);
        if (!response.Headers.IsEmpty)
        {
            writer.Message(2, HeaderMutationWire.Measure(response.Headers));
            HeaderMutationWire.Write(ref writer, response.Headers);
        }

        writer.Bytes(3, response.Body.Span);
        if (response.GrpcStatus is { } status)
        {
            writer.Message(4, ProtoSize.Number(1, (ulong)status));
            writer.Number(1, (ulong)status);
        }

        writer.Text(5, response.Details);
    }

    public static ImmediateResponse Read(in ReadOnlySequence<byte> bytes)
    {
        var status = 0;
        var headers = new HeaderMutation();
        var body = ReadOnlyMemory<byte>.Empty;
        int? grpcStatus = null;
        var details = "";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch ((reader.Field, reader.Type))
            {
                case (1, WireType.Bytes):
                    status = ReadNumber(reader.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    headers = HeaderMutationWire.Read(reader.ReadBytes());
                    break;
                case (3, WireType.Bytes):
                    // An error text: short, and needed after the stream is gone.
                    body = reader.ReadBytes().ToArray();
                    break;
                case (4, WireType.Bytes):
                    grpcStatus = ReadNumber(reader.ReadBytes());
                    break;
                case (5, WireType.Bytes):
                    details = reader.ReadString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new ImmediateResponse { StatusCode = status, Headers = headers, Body = body, GrpcStatus = grpcStatus, Details = details };
    }

    // Both statuses are messages of one number in field 1.
    private static int ReadNumber(in ReadOnlySequence<byte> bytes)
    {
        var number = 0;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Varint))
            {
                number = reader.ReadInt32();
            }
            else
            {
                reader.Skip();
            }
        }

        return number;
    }
}
