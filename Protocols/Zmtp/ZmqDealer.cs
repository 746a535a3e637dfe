using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>A DEALER socket: sends to its peers in turn, receives from all of them.</summary>
/// <remarks>
/// A message is queued for one connected peer; without a peer, or with all queues full, sending waits (or <see cref="TrySend"/> says no).
/// What is queued for a peer is lost when that connection is. To a REP or to vLLM's replay ROUTER, send an empty frame first.
/// </remarks>
public sealed class ZmqDealer(ZmqOptions? options = null) : ZmqReceiver(SocketKind.Dealer, options)
{
    private int _turn;

    /// <summary>Queues a message for the next peer with room; false when there is none. The frames may be reused when this returns.</summary>
    public bool TrySend(params ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Length, nameof(frames));
        var peers = Connections;
        for (var i = 0; i < peers.Length; i++)
        {
            var turn = (uint)Interlocked.Increment(ref _turn);
            if (peers[(int)(turn % (uint)peers.Length)].TrySend(frames))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Queues a message for the next peer, waiting for one that has room. The frames may be reused when the task ends.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed, also while waiting.</exception>
    public ValueTask SendAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken = default) =>
        TrySend(frames) ? ValueTask.CompletedTask : new ValueTask(WaitAndSendAsync(frames.ToArray(), cancellationToken));

    private async Task WaitAndSendAsync(ReadOnlyMemory<byte>[] frames, CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = RoomToSend.Next();
            if (TrySend(frames))
            {
                return;
            }

            await change.WaitAsync(cancellationToken);
        }
    }
}
