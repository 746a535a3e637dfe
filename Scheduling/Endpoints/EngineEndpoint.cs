using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Scheduling.Endpoints;

/// <summary>One endpoint: its identity, which never changes, and its load, which others replace while requests read it.</summary>
/// <remarks>Thread-safe. A request reads <see cref="Load"/> anew in each scorer; a reading in between moves scores, never breaks them.</remarks>
public sealed class EngineEndpoint
{
    private volatile EngineLoad _load = EngineLoad.Unknown;
    private volatile bool _isAway;
    private int _requests;
    private long _tokens;

    /// <param name="slot">A small number that no other endpoint of the pool has, so that what is known per endpoint fits in arrays.</param>
    public EngineEndpoint(EndpointId id, IReadOnlyDictionary<string, string> labels, int slot)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        Id = id;
        Name = id.ToString();
        HostPort = $"{id.Host}:{id.Port}";
        Labels = labels;
        Slot = slot;
        Roles = RoleLabel.Parse(labels.GetValueOrDefault(RoleLabel.Name));
    }

    public EndpointId Id { get; }

    /// <summary>The id as text, rank included.</summary>
    public string Name { get; }

    /// <summary>What goes on the wire: <c>10.0.0.5:8000</c>, without rank.</summary>
    public string HostPort { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public EndpointRoles Roles { get; }

    public int Slot { get; }

    public EngineLoad Load
    {
        get => _load;
        set => _load = value;
    }

    /// <summary>Nobody answers there; such an endpoint is no candidate.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>Requests sent there that have not ended.</summary>
    public int RequestsInFlight => Volatile.Read(ref _requests);

    /// <summary>Prompt tokens of those requests.</summary>
    public long TokensInFlight => Volatile.Read(ref _tokens);

    /// <summary>Counts a request in; every call needs one of <see cref="End"/> with the same number.</summary>
    public void Begin(int tokens)
    {
        _ = Interlocked.Increment(ref _requests);
        _ = Interlocked.Add(ref _tokens, tokens);
    }

    public void End(int tokens)
    {
        _ = Interlocked.Decrement(ref _requests);
        _ = Interlocked.Add(ref _tokens, -tokens);
    }

    public override string ToString() => Name;
}
