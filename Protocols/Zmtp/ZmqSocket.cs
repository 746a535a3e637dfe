using LlmdAspire.Protocols.Zmtp.Queues;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>What the four ZeroMQ sockets share: binding, connecting with reconnect, peers, closing.</summary>
/// <remarks>
/// Speaks ZMTP 3.1 with the NULL mechanism over TCP and Unix-domain sockets, and understands 3.0 peers (libzmq 4.0 to 4.3.2).
/// All members are thread-safe unless they say otherwise. A socket may bind and connect as often as it likes, also while in use.
/// </remarks>
public abstract partial class ZmqSocket : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ChangeNotice _peersChanged = new();
    private readonly HashSet<Task> _loops = [];
    private readonly RefusalPace _refusals;
    private volatile ZmqConnection[] _connections = [];
    private int _disposed;

    private protected ZmqSocket(SocketKind kind, ZmqOptions? options)
    {
        Kind = kind;
        Options = options ?? new ZmqOptions();
        Options.Validate();
        _refusals = new RefusalPace(Options.TimeProvider);
        Incoming = new IncomingQueue(Options.ReceiveHighWaterMark, Options.ReceiveBufferBytes);
    }

    /// <summary>Peers whose handshake is done, at this moment.</summary>
    public int PeerCount => _connections.Length;

    /// <summary>Waits until at least <paramref name="count"/> peers are connected.</summary>
    public async Task WaitForPeersAsync(int count, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var change = _peersChanged.Next();
            if (PeerCount >= count)
            {
                return;
            }

            ObjectDisposedException.ThrowIf(IsDisposed, this);
            await change.WaitAsync(cancellationToken);
        }
    }

    internal SocketKind Kind { get; }

    internal ZmqOptions Options { get; }

    internal ZmqMessagePool Messages { get; } = new();

    internal IncomingQueue Incoming { get; }

    /// <summary>Raised when a full queue is half empty again, a peer joins or leaves, or the socket closes.</summary>
    internal ChangeNotice RoomToSend { get; } = new();

    private protected ReadOnlySpan<ZmqConnection> Connections => _connections;

    private protected bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Bytes of the largest message a peer may send.</summary>
    internal virtual int MaxIncomingBytes => Options.MaxMessageBytes;

    internal virtual ReadOnlyMemory<byte> RoutingIdFor(byte[] announced) => announced;

    /// <summary>Takes a connection whose handshake is done among the peers; false when the socket is closing.</summary>
    internal bool Join(ZmqConnection connection)
    {
        lock (_gate)
        {
            if (IsDisposed)
            {
                return false;
            }

            _connections = [.. _connections, connection];
            OnJoined(connection);
        }

        Report(new ZmqEvent(ZmqEventKind.Connected, connection.Address, "", connection.Peer));
        _peersChanged.Raise();
        RoomToSend.Raise();
        return true;
    }

    internal void Leave(ZmqConnection connection)
    {
        lock (_gate)
        {
            _connections = [.. _connections.Where(other => other != connection)];
            OnLeft(connection);
        }

        _peersChanged.Raise();
        RoomToSend.Raise();
    }

    /// <summary>Takes a message that arrived; false when there is no room and <see cref="AcceptAsync"/> must be awaited.</summary>
    internal virtual bool TryAccept(ZmqConnection connection, ZmqMessage message) => Incoming.TryPut(message);

    internal Task AcceptAsync(ZmqMessage message) => Incoming.PutAsync(message);

    internal virtual void OnSubscription(ZmqConnection connection, ReadOnlySpan<byte> prefix, bool subscribe)
    {
        // Only publishers are subscribed to; from others the command has no meaning and is passed over.
    }

    internal void Report(ZmqEvent what)
    {
        try
        {
            Options.OnEvent?.Invoke(what);
        }
        catch (Exception)
        {
            // An observer that breaks its promise not to throw must not end the loop that told it; there is nobody else to tell.
        }
    }

    /// <summary>Runs under the same lock as <see cref="WithPeers"/>.</summary>
    private protected virtual void OnJoined(ZmqConnection connection)
    {
    }

    private protected virtual void OnLeft(ZmqConnection connection)
    {
    }

    /// <summary>Does something to all peers such that one who joins meanwhile is neither missed nor met twice.</summary>
    private protected void WithPeers(Action<ZmqConnection[]> action)
    {
        lock (_gate)
        {
            action(_connections);
        }
    }
}
