namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>How patiently and in what portions a watch asks.</summary>
public sealed record ResourceWatchOptions
{
    /// <summary>Wait after the first failure; it doubles with each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Objects per page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Largest event; what etcd stores is smaller by far.</summary>
    public int MaxEventBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The shortest time after which the server is asked to end a stream; up to twice as long by chance.</summary>
    public TimeSpan StreamTime { get; init; } = TimeSpan.FromMinutes(5);
}
