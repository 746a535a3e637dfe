using System.Buffers;
using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc;

/// <summary>Messages that are just bytes, as gRPC does not care.</summary>
internal sealed class BytesCodec : IMessageCodec<byte[]>
{
    public static readonly BytesCodec Instance = new();

    public int Measure(byte[] message) => message.Length;

    public void Write(byte[] message, IBufferWriter<byte> output) => output.Write(message);

    public byte[] Read(in ReadOnlySequence<byte> bytes) => bytes.ToArray();
}
