namespace LlmdAspire.Protocols.Grpc;

/// <summary>How a client connects and what it accepts.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>Larger messages from the server end the call with RESOURCE_EXHAUSTED.</summary>
    public int MaxReceiveMessageSize { get; init; } = GrpcFrame.DefaultMaxMessageSize;

    /// <summary>Larger messages are refused before they are sent.</summary>
    public int MaxSendMessageSize { get; init; } = int.MaxValue;

    /// <summary>A server that does not answer the connection attempt by then is UNAVAILABLE.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Accepts any server certificate, for servers that sign their own. Encrypts, but does not say to whom.</summary>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>Opens further connections when a server's limit of streams per connection is reached; otherwise calls wait for a free stream.</summary>
    public bool MultipleConnections { get; init; }

    /// <summary>A connection older than this takes no new calls, so that a name is looked up again.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = Timeout.InfiniteTimeSpan;
}
