using System.Buffers;
using System.Net.Sockets;
using LlmdAspire.Protocols.Zmtp.Queues;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>One TCP or Unix-domain connection: handshake, then a reading and a writing loop until either side ends it.</summary>
/// <remarks>The receive buffer belongs to the reading loop alone; everything else that others touch is thread-safe.</remarks>
internal sealed partial class ZmqConnection
{
    // Two segments of a fast publisher per system call; a thousand connections cost 64 MiB.
    private const int ReceiveBufferBytes = 64 << 10;

    // READY with a few properties, or a subscription to a long topic. Commands are held whole in the receive buffer.
    public const int MaxCommandBytes = 16 << 10;

    private readonly ZmqSocket _owner;
    private readonly ZmqOptions _options;
    private readonly Socket _socket;
    private readonly OutgoingQueue _outgoing;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReceiveBufferBytes);
    private int _start;
    private int _end;
    private string? _closeReason;
    private int _closed;
    private long _dropped;

    public ZmqConnection(ZmqSocket owner, Socket socket, string address)
    {
        _owner = owner;
        _options = owner.Options;
        _socket = socket;
        Address = address;
        _outgoing = new OutgoingQueue(_options.SendHighWaterMark, _options.SendBufferBytes, owner.RoomToSend.Raise);
        _lastReceived = _options.TimeProvider.GetTimestamp();
    }

    public string Address { get; }

    /// <summary>True when we connected, false when the peer did.</summary>
    public bool IsDialled { get; init; }

    /// <summary>Set when the handshake is done.</summary>
    public ZmqPeer? Peer { get; private set; }

    /// <summary>What this peer, a subscriber, asked of us, a publisher.</summary>
    public SubscriptionSet Subscriptions { get; } = new();

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    public long Dropped => Interlocked.Read(ref _dropped);

    public bool HasUnsent => !_outgoing.IsEmpty && !IsClosed;

    public bool TrySend(ReadOnlySpan<ReadOnlyMemory<byte>> frames) => _outgoing.TryAppend(frames);

    public void CountDrop() => Interlocked.Increment(ref _dropped);

    /// <summary>Tells the peer of a prefix: as a command from ZMTP 3.1 on, before that as a message whose first byte is 1 or 0.</summary>
    public void SendSubscription(ReadOnlySpan<byte> prefix, bool subscribe)
    {
        if (_speaksCommands)
        {
            _outgoing.AppendControl(FrameHeader.Command, ZmtpCommand.Build(subscribe ? ZmtpCommand.Subscribe : ZmtpCommand.Cancel, prefix), vital: true);
        }
        else
        {
            _outgoing.AppendControl(0, [subscribe ? (byte)1 : (byte)0, .. prefix], vital: true);
        }
    }

    /// <summary>Handshake and traffic until the end. Does not throw; says whether the handshake succeeded and why it ended.</summary>
    public async Task<(bool Joined, bool Refused, string Reason)> RunAsync()
    {
        var joined = false;
        var refused = false;
        var writing = Task.CompletedTask;
        try
        {
            using var timer = StartTimer();
            var ready = await ShakeHandsAsync();
            Peer = new ZmqPeer(this, _owner.RoutingIdFor(ready.Identity), ready.SocketType);
            _handshakeDone = true;
            writing = WriteAsync();
            joined = _owner.Join(this);
            if (joined)
            {
                StartHeartbeat(timer);
                await ReadAsync();
                Close("closed by the peer");
            }
            else
            {
                Close("the socket is closing");
            }
        }
        catch (ZmtpProtocolException e)
        {
            refused = Close(e.Message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            Close(e is SocketException ? e.Message : "the connection was closed");
        }
        catch (Exception e)
        {
            // A mistake of ours costs this connection, not the loop that accepts or dials the next one.
            _ = Close($"failed: {e}");
        }
        finally
        {
            Abort();
            await writing;
            if (joined)
            {
                _owner.Leave(this);
            }

            ArrayPool<byte>.Shared.Return(_buffer);
        }

        return (joined, refused || _timedOutInHandshake, _closeReason!);
    }

    /// <summary>Asks the loops to end, with this reason unless there is one already. Returns whether it was the first.</summary>
    public bool Close(string reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return false;
        }

        _closeReason = reason;
        _outgoing.Close();
        try
        {
            // Ends a pending receive at once; disposing follows where the loops end.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already disconnected, which is what we want.
        }

        return true;
    }

    private void Abort()
    {
        _ = Close("the connection was closed");
        _socket.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (!IsClosed)
            {
                while (_outgoing.TryTake(out var segment))
                {
                    try
                    {
                        await SendAllAsync(segment.Buffer.AsMemory(0, segment.Length));
                    }
                    finally
                    {
                        _outgoing.Sent(segment);
                    }
                }

                await _outgoing.WaitForDataAsync();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _ = Close(e is SocketException ? e.Message : "the connection was closed");
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }
}
