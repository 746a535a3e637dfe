namespace LlmdAspire.Protocols.Zmtp;

/// <summary>What happened to a socket's connections.</summary>
public enum ZmqEventKind
{
    /// <summary>The address is bound; <see cref="ZmqEvent.Address"/> carries the real port.</summary>
    Listening,

    /// <summary>A peer completed the handshake.</summary>
    Connected,

    /// <summary>A peer that had completed the handshake is gone.</summary>
    Disconnected,

    /// <summary>Nobody answers at an address we connect to. Told once per outage, not per attempt.</summary>
    Unreachable,

    /// <summary>A peer was turned away: an address that may not connect, garbage, another protocol version or mechanism, a socket type that does not fit, a handshake too slow. Told once per outage for addresses we connect to; for accepted ones once a minute and reason, with the number of those not told.</summary>
    Refused,

    /// <summary>A connection could not be accepted; the socket keeps listening.</summary>
    AcceptFailed,

    /// <summary>A subscriber asked a publisher for a prefix.</summary>
    Subscribed,

    /// <summary>A subscriber took a prefix back.</summary>
    Unsubscribed,
}

/// <summary>One event of a socket.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Address">The bound or dialled address; for an accepted peer, the peer's own.</param>
/// <param name="Reason">Why, in words for a log; empty where there is nothing to say.</param>
/// <param name="Peer">The connection concerned, once its handshake is done.</param>
public readonly record struct ZmqEvent(ZmqEventKind Kind, string Address, string Reason = "", ZmqPeer? Peer = null);
