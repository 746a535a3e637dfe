using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>One engine endpoint as the router sees it: where it is, how it is, how much it is doing for us.</summary>
/// <remarks>Shared by all requests. Health and models are written by the worker's probe loop, the counters by the requests.</remarks>
internal sealed class Worker
{
    private readonly Signal _probeNow = new();
    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WorkerHealth _health;
    private volatile bool _draining;
    private volatile bool _suspect;
    private volatile bool _unreachable;
    private volatile bool _removed;
    private volatile string[]? _models;
    private int _inFlight;
    private long _namedAt;

    /// <param name="id">Identity, as listed and logged.</param>
    /// <param name="destination">Where requests go: the identity without rank, a service name replaced by its address.</param>
    public Worker(EndpointId id, WorkerRole role, string destination, CircuitBreaker breaker)
    {
        Id = id;
        Role = role;
        Name = id.ToString();
        Destination = destination;
        Breaker = breaker;
        Tag = new("worker", Name);
    }

    public EndpointId Id { get; }

    public WorkerRole Role { get; }

    /// <summary>How many ranks its engine is listed with; 1 where it has only one, or one was pinned by <c>URL@RANK</c>.</summary>
    public int RankCount { get; init; } = 1;

    /// <summary>Nobody listed it: the endpoint picker named it.</summary>
    public bool Learned { get; init; }

    /// <summary>When a request was last sent its way by somebody else's word; only where it is learned.</summary>
    public long NamedAt
    {
        get => Volatile.Read(ref _namedAt);
        set => Volatile.Write(ref _namedAt, value);
    }

    /// <summary>How many ranks it has is not known: it will be asked once it is healthy.</summary>
    public bool AwaitsRanks { get; set; }

    public string Name { get; }

    public string Destination { get; }

    public CircuitBreaker Breaker { get; }

    /// <summary>The label of this worker's series.</summary>
    public KeyValuePair<string, object?> Tag { get; }

    /// <summary>Requests sent and not finished: streams count until their last byte.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public WorkerHealth Health
    {
        get => _health;
        set
        {
            _health = value;
            if (value == WorkerHealth.Healthy)
            {
                _ = _healthy.TrySetResult();
            }
        }
    }

    /// <summary>Completes when it is healthy for the first time.</summary>
    public Task WhenHealthy => _healthy.Task;

    /// <summary>Gets nothing new; leaves when idle.</summary>
    public bool Draining
    {
        get => _draining;
        set => _draining = value;
    }

    /// <summary>No longer listed; its probe loop ends.</summary>
    public bool Removed => _removed;

    /// <summary>Models it said it serves, base models and adapters; null while it has not said.</summary>
    public string[]? Models
    {
        get => _models;
        set => _models = value;
    }

    /// <summary>A request failed to reach it and no probe has spoken since: others go first.</summary>
    public bool Suspect => _suspect;

    /// <summary>Whether it may get requests: not draining, let through by its breaker, and healthy.</summary>
    public bool IsAvailable => _health == WorkerHealth.Healthy && !_draining && Breaker.LetsPass;

    public void BeginRequest() => Interlocked.Increment(ref _inFlight);

    public void EndRequest() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Marks it as out of reach and asks for a probe now instead of at the next interval.</summary>
    /// <param name="unreachable">Not even a connection came about.</param>
    public void Suspected(bool unreachable)
    {
        _suspect = true;
        _unreachable |= unreachable;
        ProbeSoon();
    }

    /// <summary>A probe found no one at its address.</summary>
    public void Unreachable() => _suspect = _unreachable = true;

    /// <summary>A probe was answered: it is as good as the others again.</summary>
    /// <remarks>
    /// If it was out of reach its process is a new one, so the breaker need not wait out its time. One that answers probes but breaks requests
    /// keeps its breaker's verdict.
    /// </remarks>
    public void Trusted()
    {
        if (_unreachable)
        {
            _unreachable = false;
            Breaker.WorkerCameBack();
        }

        _suspect = false;
    }

    public void ProbeSoon() => _probeNow.Set();

    public void MarkRemoved()
    {
        _removed = true;
        ProbeSoon();
    }

    /// <summary>Waits for the next probe: the pace, or earlier when a request found the worker out of reach.</summary>
    public Task WaitForProbeAsync(TimeSpan pace, CancellationToken cancellationToken) => _probeNow.WaitAsync(pace, cancellationToken);

    /// <summary>Whether it said that it serves the model; null when it said nothing yet.</summary>
    public bool? Serves(string model) => _models is { } models ? Array.IndexOf(models, model) >= 0 : null;
}
