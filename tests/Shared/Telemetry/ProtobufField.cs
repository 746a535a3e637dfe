using System.Buffers.Binary;
using System.Text;

namespace LlmdAspire.Tests.Shared.Telemetry;

/// <summary>One field of a protobuf message: a number, or bytes that may be text or another message.</summary>
internal readonly record struct ProtobufField(int Id, ulong Number, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    public IEnumerable<ProtobufField> Fields => Read(Bytes);

    /// <summary>The fields of a message in the order written.</summary>
    public static IEnumerable<ProtobufField> Read(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = ReadVarint(message.Span, ref at);
            var id = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return new ProtobufField(id, ReadVarint(message.Span, ref at), default);
                    break;
                case 1:
                    yield return new ProtobufField(id, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default);
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message.Span, ref at);
                    yield return new ProtobufField(id, 0, message.Slice(at, length));
                    at += length;
                    break;
                case 5:
                    yield return new ProtobufField(id, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} of field {id} is none that OTLP uses.");
            }
        }
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
