using System.Buffers;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>Turns messages of one type into bytes and back. Google.Protobuf classes and hand-written ones both fit.</summary>
/// <remarks>Shared by all calls, so it must be thread-safe; no I/O. Called once per message on the hot path.</remarks>
public interface IMessageCodec<T>
{
    /// <summary>Exactly how many bytes <see cref="Write"/> will write; gRPC sends the length first.</summary>
    int Measure(T message);

    void Write(T message, IBufferWriter<byte> output);

    /// <summary>Reads one message.</summary>
    /// <param name="bytes">
    /// Valid until the next message of the same stream is asked for. A message may keep slices of it, and should say so;
    /// whatever must live longer is copied.
    /// </param>
    /// <exception cref="InvalidDataException">The bytes are no such message; the call ends with INTERNAL.</exception>
    T Read(in ReadOnlySequence<byte> bytes);
}
