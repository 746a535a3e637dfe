namespace LlmdAspire.Protocols.Zmtp;

/// <summary>One connection to another socket, from handshake to close; a reconnect makes a new one. Members may be read from any thread.</summary>
public sealed class ZmqPeer
{
    private readonly ZmqConnection _connection;

    internal ZmqPeer(ZmqConnection connection, ReadOnlyMemory<byte> routingId, string socketType)
    {
        _connection = connection;
        RoutingId = routingId;
        SocketType = socketType;
    }

    /// <summary>The address given to <see cref="ZmqSocket.Connect"/>, unchanged, or the remote end of an accepted connection.</summary>
    public string Address => _connection.Address;

    /// <summary>What a router calls this peer: its own identity, or five bytes beginning with zero where it has none.</summary>
    public ReadOnlyMemory<byte> RoutingId { get; }

    /// <summary>The peer's type as it announced it, for example <c>SUB</c>.</summary>
    public string SocketType { get; }

    /// <summary>False once the connection is closed or about to be.</summary>
    public bool IsConnected => !_connection.IsClosed;

    /// <summary>Messages not sent to this peer because its queue was full.</summary>
    public long Dropped => _connection.Dropped;

    internal ZmqConnection Connection => _connection;
}
