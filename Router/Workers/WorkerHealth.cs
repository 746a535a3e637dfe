namespace LlmdAspire.Router.Workers;

/// <summary>What the probes say of a worker.</summary>
internal enum WorkerHealth
{
    /// <summary>Not probed yet: used only when no healthy worker is there.</summary>
    Unknown,
    Healthy,
    Unhealthy,
}

/// <summary>Turns probe results into a verdict: several failures in a row take a worker out, several successes bring it back.</summary>
/// <remarks>The first result decides at once. Written by the worker's own probe loop only.</remarks>
internal sealed class HealthVerdict
{
    private int _failures;
    private int _successes;

    public WorkerHealth Current { get; private set; }

    /// <param name="options">How many results in a row it takes.</param>
    public WorkerHealth Record(bool healthy, HealthOptions options)
    {
        (_successes, _failures) = healthy ? (_successes + 1, 0) : (0, _failures + 1);
        Current = Current switch
        {
            WorkerHealth.Unknown => healthy ? WorkerHealth.Healthy : WorkerHealth.Unhealthy,
            WorkerHealth.Healthy when _failures >= options.FailureThreshold => WorkerHealth.Unhealthy,
            WorkerHealth.Unhealthy when _successes >= options.SuccessThreshold => WorkerHealth.Healthy,
            var same => same,
        };
        return Current;
    }
}
