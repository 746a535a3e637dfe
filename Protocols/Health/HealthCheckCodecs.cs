using System.Buffers;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Protobuf;

namespace LlmdAspire.Protocols.Health;

/// <summary>1 service.</summary>
internal sealed class HealthCheckRequestCodec : IMessageCodec<HealthCheckRequest>
{
    public static readonly HealthCheckRequestCodec Instance = new();

    public int Measure(HealthCheckRequest message) => ProtoSize.Text(1, message.Service);

    public void Write(HealthCheckRequest message, IBufferWriter<byte> output)
    {
        var writer = new ProtoWriter(output);
        writer.Text(1, message.Service);
        writer.Flush();
    }

    public HealthCheckRequest Read(in ReadOnlySequence<byte> bytes)
    {
        var service = "";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Bytes))
            {
                service = reader.ReadString();
            }
            else
            {
                reader.Skip();
            }
        }

        return new HealthCheckRequest(service);
    }
}

/// <summary>1 status.</summary>
internal sealed class HealthCheckResponseCodec : IMessageCodec<HealthCheckResponse>
{
    public static readonly HealthCheckResponseCodec Instance = new();

    public int Measure(HealthCheckResponse message) => ProtoSize.Number(1, (ulong)message.Status);

    public void Write(HealthCheckResponse message, IBufferWriter<byte> output)
    {
        var writer = new ProtoWriter(output);
        writer.Number(1, (ulong)message.Status);
        writer.Flush();
    }

    public HealthCheckResponse Read(in ReadOnlySequence<byte> bytes)
    {
        var status = ServingStatus.Unknown;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if ((reader.Field, reader.Type) == (1, WireType.Varint))
            {
                status = (ServingStatus)reader.ReadInt32();
            }
            else
            {
                reader.Skip();
            }
        }

        return new HealthCheckResponse(status);
    }
}
