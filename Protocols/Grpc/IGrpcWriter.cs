namespace LlmdAspire.Protocols.Grpc;

/// <summary>Sends the messages of one direction of a call. Not for concurrent use.</summary>
public interface IGrpcWriter<in T>
{
    /// <summary>Sends a message. Waits while the receiver is not reading and its flow-control window is full.</summary>
    /// <param name="message">Free for reuse once this returns.</param>
    /// <param name="more">Another message follows at once: bytes may wait for it, which saves packets.</param>
    /// <param name="cancellationToken">Ends the wait; the message may have been sent in part, so the call is unusable then.</param>
    /// <exception cref="GrpcException">The message is larger than allowed, or the call has ended; a client's reader knows with which status.</exception>
    ValueTask WriteAsync(T message, bool more = false, CancellationToken cancellationToken = default);
}
