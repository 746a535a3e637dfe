using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>A socket that messages can be taken from: one consumer at a time, messages of one peer in the order it sent them.</summary>
public abstract class ZmqReceiver : ZmqSocket
{
    private protected ZmqReceiver(SocketKind kind, ZmqOptions? options)
        : base(kind, options)
    {
    }

    /// <summary>Takes the next message if one is there. The caller owns it and disposes it.</summary>
    public bool TryReceive(out ZmqMessage message) => Incoming.TryTake(out message);

    /// <summary>Takes the next message, waiting for it. The caller owns it and disposes it.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed, also while waiting.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no message is lost.</exception>
    public ValueTask<ZmqMessage> ReceiveAsync(CancellationToken cancellationToken = default) =>
        Incoming.TryTake(out var message) ? ValueTask.FromResult(message) : WaitAsync(cancellationToken);

    /// <summary>All messages until the socket is closed. The caller disposes each.</summary>
    public async IAsyncEnumerable<ZmqMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var registration = WakeOn(cancellationToken);
        while (true)
        {
            while (Incoming.TryTake(out var message))
            {
                yield return message;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Incoming.IsClosed)
            {
                yield break;
            }

            await Incoming.WaitAsync();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ZmqMessage> WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = WakeOn(cancellationToken);
        while (true)
        {
            if (Incoming.TryTake(out var message))
            {
                return message;
            }

            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(Incoming.IsClosed, this);
            await Incoming.WaitAsync();
        }
    }

    private CancellationTokenRegistration WakeOn(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static receiver => ((ZmqReceiver)receiver!).Incoming.Wake(), this);
}
