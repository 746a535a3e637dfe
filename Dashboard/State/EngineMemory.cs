using LlmdAspire.Dashboard.Metrics;

namespace LlmdAspire.Dashboard.State;

/// <summary>What must be remembered of one engine between looks to tell its rates, percentiles and chart. Not thread-safe.</summary>
internal sealed class EngineMemory
{
    private readonly RecentIncreases _increases = new();
    private readonly History<EnginePoint> _history = new();

    public MetricsIncrease Recent { get; private set; } = new(TimeSpan.Zero);

    public MetricsIncrease LastMinute { get; private set; } = new(TimeSpan.Zero);

    public EngineState Advance(DateTimeOffset time, WorkerReading reading)
    {
        if (reading.Metrics is { } metrics)
        {
            _increases.Add(time, metrics);
        }

        // An engine that is away does nothing now, whatever it did just before.
        var isAway = reading.Metrics is null;
        Recent = isAway ? new(TimeSpan.Zero) : _increases.Over(StackMemory.RateWindow);
        LastMinute = isAway ? new(TimeSpan.Zero) : _increases.Over(StackMemory.PercentileWindow);
        var worker = reading.Worker;
        var state = new EngineState
        {
            Endpoint = worker.Endpoint,
            Name = reading.Candidate?.Name,
            Address = worker.Address.Authority,
            Rank = worker.Rank,
            Model = worker.Model,
            Role = worker.Role,
            State = reading switch
            {
                { Metrics: null } => "away",
                { Worker.IsDraining: true } => "draining",
                { Worker.IsHealthy: true } => "healthy",
                _ => "unhealthy",
            },
            Detail = reading.Away,
            // Both count their own; behind one Router they are the same requests.
            InFlight = worker.Load ?? reading.Candidate?.InFlight,
            CircuitBreaker = worker.CircuitBreaker,
            Running = reading.Metrics?.Sum(EngineMetrics.Running),
            Waiting = reading.Metrics?.Sum(EngineMetrics.Waiting),
            KvCacheUsage = reading.Metrics?.Mean(EngineMetrics.KvCacheUsage) ?? reading.Metrics?.Mean(EngineMetrics.KvCacheUsageBefore011),
            GenerationTokensPerSecond = Recent.PerSecond(EngineMetrics.GenerationTokens),
            PrefixHitRate = StackMemory.HitRate(LastMinute),
            ExpectedHitRate = reading.Candidate?.ExpectedHitRate,
            Index = reading.Index,
            TimeToFirstToken = Percentiles.Of(LastMinute.Histogram(EngineMetrics.TimeToFirstToken)),
            InterTokenLatency = Percentiles.Of(LastMinute.Histogram(EngineMetrics.InterTokenLatency)),
        };
        _history.Add(new EnginePoint(time, state.GenerationTokensPerSecond, state.KvCacheUsage));
        return state with { History = _history.Snapshot() };
    }
}
