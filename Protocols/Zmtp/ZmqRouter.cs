using System.Buffers.Binary;
using System.Collections.Concurrent;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>What became of a message for one particular peer.</summary>
public enum ZmqSendResult
{
    /// <summary>Queued for the peer.</summary>
    Queued,

    /// <summary>The peer's queue is at its high-water mark; nothing was queued.</summary>
    Full,

    /// <summary>No such peer is connected; nothing was queued.</summary>
    NoSuchPeer,
}

/// <summary>A ROUTER socket: knows its peers apart, so it can answer each.</summary>
/// <remarks>
/// Messages received carry <see cref="ZmqMessage.Peer"/>; their frames are as the peer sent them (libzmq's API puts the identity in
/// front, the wire does not). A peer that comes with an identity already connected takes it over, and the older connection is closed: after a
/// broken line the newer one is the living one. Unlike libzmq, sending to an unknown peer is reported instead of dropped silently.
/// </remarks>
public sealed class ZmqRouter(ZmqOptions? options = null) : ZmqReceiver(SocketKind.Router, options)
{
    private readonly ConcurrentDictionary<RoutingKey, ZmqConnection> _byId = new();
    private int _lastGenerated;

    /// <summary>Queues a message for a peer. The frames may be reused when this returns.</summary>
    public ZmqSendResult TrySend(ZmqPeer peer, params ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Length, nameof(frames));
        return peer.Connection.TrySend(frames) ? ZmqSendResult.Queued
            : peer.IsConnected ? ZmqSendResult.Full
            : ZmqSendResult.NoSuchPeer;
    }

    /// <summary>Queues a message for whoever has this identity now.</summary>
    public ZmqSendResult TrySend(ReadOnlyMemory<byte> routingId, params ReadOnlySpan<ReadOnlyMemory<byte>> frames) =>
        FindPeer(routingId) is { } peer ? TrySend(peer, frames) : ZmqSendResult.NoSuchPeer;

    /// <summary>Queues a message for a peer, waiting for room; false when the peer has gone. The frames may be reused when the task ends.</summary>
    public ValueTask<bool> SendAsync(ZmqPeer peer, ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken = default) =>
        TrySend(peer, frames) switch
        {
            ZmqSendResult.Queued => ValueTask.FromResult(true),
            ZmqSendResult.NoSuchPeer => ValueTask.FromResult(false),
            _ => new ValueTask<bool>(WaitAndSendAsync(peer, frames.ToArray(), cancellationToken)),
        };

    /// <summary>The connected peer with this identity.</summary>
    public ZmqPeer? FindPeer(ReadOnlyMemory<byte> routingId) => _byId.TryGetValue(new RoutingKey(routingId), out var connection) ? connection.Peer : null;

    // Identities that begin with zero are the router's own; ZMTP forbids peers to bring such.
    internal override ReadOnlyMemory<byte> RoutingIdFor(byte[] announced)
    {
        if (announced.Length > 0)
        {
            return announced[0] != 0 ? announced : throw new ZmtpProtocolException("the identity begins with a zero byte, which is reserved for routers");
        }

        var generated = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(generated.AsSpan(1), Interlocked.Increment(ref _lastGenerated));
        return generated;
    }

    private protected override void OnJoined(ZmqConnection connection)
    {
        var key = new RoutingKey(connection.Peer!.RoutingId);
        if (_byId.TryGetValue(key, out var older))
        {
            _ = older.Close("another connection took over its identity");
        }

        _byId[key] = connection;
    }

    private protected override void OnLeft(ZmqConnection connection) =>
        _ = _byId.TryRemove(new KeyValuePair<RoutingKey, ZmqConnection>(new RoutingKey(connection.Peer!.RoutingId), connection));

    private async Task<bool> WaitAndSendAsync(ZmqPeer peer, ReadOnlyMemory<byte>[] frames, CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = RoomToSend.Next();
            var result = TrySend(peer, frames);
            if (result != ZmqSendResult.Full)
            {
                return result == ZmqSendResult.Queued;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private readonly struct RoutingKey(ReadOnlyMemory<byte> id) : IEquatable<RoutingKey>
    {
        private readonly ReadOnlyMemory<byte> _id = id;

        public bool Equals(RoutingKey other) => _id.Span.SequenceEqual(other._id.Span);

        public override bool Equals(object? obj) => obj is RoutingKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(_id.Span);
            return hash.ToHashCode();
        }
    }
}
