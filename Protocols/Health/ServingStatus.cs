namespace LlmdAspire.Protocols.Health;

/// <summary>grpc.health.v1's answers, with its numbers.</summary>
public enum ServingStatus
{
    Unknown = 0,
    Serving = 1,
    NotServing = 2,

    /// <summary>No such service; on the wire only from Watch, and from Check of servers that prefer it to NOT_FOUND.</summary>
    ServiceUnknown = 3,
}
