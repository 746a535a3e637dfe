using System.Net;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>Limits, timing and observation of a socket. The defaults suit KV events and their replay.</summary>
/// <remarks>Every queue is bounded twice, by messages and by bytes; a single message larger than the byte bound still passes through an empty queue.</remarks>
public sealed record ZmqOptions
{
    /// <summary>Messages waiting for one peer. Full: a publisher drops for that subscriber and counts; dealer and router report or wait. libzmq's default is 1000, vLLM's publisher uses 100000.</summary>
    public int SendHighWaterMark { get; init; } = 1000;

    /// <summary>Bytes waiting for one peer, as above.</summary>
    public long SendBufferBytes { get; init; } = 64L << 20;

    /// <summary>Messages received and not yet taken, for the whole socket. Full: we stop reading, TCP slows the sender, and its own high-water mark decides.</summary>
    public int ReceiveHighWaterMark { get; init; } = 1000;

    /// <summary>Bytes received and not yet taken, as above.</summary>
    public long ReceiveBufferBytes { get; init; } = 64L << 20;

    /// <summary>A peer that sends a message beyond this many bytes (all frames together) is disconnected. The batch of a prompt of a million tokens takes about 6 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Connections accepted at a time over all bound addresses; more are closed at once, with one event for as long as it stays so.</summary>
    public int MaxAcceptedPeers { get; init; } = 4096;

    /// <summary>Why a peer of this address may not connect to a bound TCP address, or null when it may; asked before anything is read from it. IPv4 addresses come as such.</summary>
    public Func<IPAddress, string?>? Refuses { get; init; }

    /// <summary>Subscriptions one subscriber may hold with a publisher; each costs a comparison per message.</summary>
    public int MaxSubscriptionsPerPeer { get; init; } = 1024;

    /// <summary>What a router calls this dealer or router, at most 255 bytes, not beginning with a zero byte; empty lets it choose.</summary>
    public ReadOnlyMemory<byte> Identity { get; init; }

    /// <summary>Time for TCP connect and, separately, for greeting and READY. A peer that is slower is dropped.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a PING is sent to peers of ZMTP 3.1 (libzmq 4.3.3 and later); zero sends none. PINGs of the peer are always answered.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a peer that gets PINGs counts as gone.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest first wait before connecting again; it doubles per failure. Half of each wait is random.</summary>
    public TimeSpan ReconnectMinimum { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Ceiling of the wait before connecting again.</summary>
    public TimeSpan ReconnectMaximum { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long closing waits for queued messages to leave; zero drops them.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Clock of all waits above.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Source of the reconnect jitter; called from many threads, so it must be thread-safe as <see cref="Random.Shared"/> is.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Told of connections coming and going. Called from socket threads: return quickly, do not throw, do not close the socket there.</summary>
    public Action<ZmqEvent>? OnEvent { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SendHighWaterMark);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SendBufferBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReceiveHighWaterMark);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReceiveBufferBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMessageBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxAcceptedPeers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSubscriptionsPerPeer);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeartbeatInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeartbeatTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReconnectMinimum, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectMaximum, ReconnectMinimum);
        ArgumentOutOfRangeException.ThrowIfLessThan(Linger, TimeSpan.Zero);
        if (Identity.Length > byte.MaxValue || (Identity.Length > 0 && Identity.Span[0] == 0))
        {
            throw new ArgumentException("An identity has at most 255 bytes and does not begin with a zero byte.", nameof(Identity));
        }
    }
}
