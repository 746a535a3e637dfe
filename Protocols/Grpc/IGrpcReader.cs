namespace LlmdAspire.Protocols.Grpc;

/// <summary>The messages of one direction of a call, one after the other. Not for concurrent use.</summary>
public interface IGrpcReader<out T>
{
    /// <summary>The message that <see cref="MoveNextAsync"/> read; slices it keeps of the wire are valid until the next call.</summary>
    T Current { get; }

    /// <summary>Reads the next message. As long as nobody asks, the sender is held back by HTTP/2 flow control.</summary>
    /// <returns>False when the other side has sent its last message (on a client: and the call ended with OK).</returns>
    /// <exception cref="GrpcException">The call ended with another status, or a message was too large or malformed.</exception>
    /// <exception cref="OperationCanceledException">The token, or the call's own, was cancelled; the call is unusable then.</exception>
    ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default);
}
