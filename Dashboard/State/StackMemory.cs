using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.Why;

namespace LlmdAspire.Dashboard.State;

/// <summary>Turns looks at the sources into states: the same looks in the same order give the same states. Not thread-safe.</summary>
internal sealed class StackMemory
{
    /// <summary>Long enough that one request does not make a rate jump, short enough to feel live.</summary>
    public static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan PercentileWindow = TimeSpan.FromSeconds(60);

    private readonly RecentIncreases _router = new();
    private readonly History<HistoryPoint> _history = new();
    private Dictionary<string, EngineMemory> _engines = [];

    public StackState Advance(StackReading reading)
    {
        // Engines that left the list are forgotten, so memory follows the list and not its history.
        _engines = reading.Workers.ToDictionary(
            worker => worker.Worker.Endpoint,
            worker => _engines.GetValueOrDefault(worker.Worker.Endpoint) ?? new EngineMemory());
        EngineState[] engines =
            [.. reading.Workers.Select(worker => _engines[worker.Worker.Endpoint].Advance(reading.Time, worker))];

        if (reading.Router is { } router)
        {
            _router.Add(reading.Time, router);
        }

        var expected = reading.Workers.Aggregate(default(ExpectedTokens), (sum, worker) => sum + (worker.Candidate?.Expected ?? default));
        var totals = Total(engines, reading.Router is null ? null : _router.Over(RateWindow)) with { ExpectedHitRate = expected.Rate };
        _history.Add(new HistoryPoint(
            reading.Time,
            totals.RequestsPerSecond,
            totals.GenerationTokensPerSecond,
            totals.TimeToFirstToken.P95Ms,
            totals.TimePerOutputToken.P95Ms,
            totals.Waiting,
            totals.PrefixHitRate));
        return new StackState(
            reading.Time, reading.Sources, totals, engines, Explain(reading, EngineNames.Of(engines)), reading.Models, _history.Snapshot());
    }

    // The row itself says why; the scores behind it are asked for when somebody opens it.
    private static IReadOnlyList<RequestRow> Explain(StackReading reading, EngineNames names) =>
        [.. reading.Requests.Select(row => reading.Decisions.GetValueOrDefault(row.RequestId) is { } decision
            ? row with { Why = WhySentence.Of(decision, row, names), ExpectedCachedTokens = RequestWhy.ExpectedTokens(decision) }
            : row)];

    /// <summary>The share of prompt tokens that an engine found in its prefix cache; null when it looked for none.</summary>
    internal static double? HitRate(MetricsIncrease increase) => increase.Counter(EngineMetrics.PrefixQueries) is > 0 and var queries
        ? Math.Clamp((increase.Counter(EngineMetrics.PrefixHits) ?? 0) / queries, 0, 1)
        : null;

    private StackTotals Total(EngineState[] engines, MetricsIncrease? router)
    {
        var lastMinute = new MetricsIncrease(TimeSpan.Zero);
        foreach (var engine in _engines.Values)
        {
            lastMinute.Append(engine.LastMinute);
        }

        var timePerOutputToken = lastMinute.Histogram(EngineMetrics.TimePerOutputToken);
        return new StackTotals
        {
            EnginesHealthy = engines.Count(engine => engine.State == "healthy"),
            EnginesTotal = engines.Length,
            RequestsPerSecond = router?.PerSecond(RouterMetrics.Requests) ?? Rate(EngineMetrics.RequestSuccess),
            // The Router has no counter of errors before the first one.
            ErrorsPerSecond = router?.PerSecond(RouterMetrics.Errors) ?? (router?.PerSecond(RouterMetrics.Requests) is null ? null : 0),
            GenerationTokensPerSecond = Rate(EngineMetrics.GenerationTokens),
            PromptTokensPerSecond = Rate(EngineMetrics.PromptTokens),
            Running = Sum(engines.Select(engine => engine.Running)),
            Waiting = Sum(engines.Select(engine => engine.Waiting)),
            KvCacheUsage = engines.Select(engine => engine.KvCacheUsage).Average(),
            PrefixHitRate = HitRate(lastMinute),
            TimeToFirstToken = Percentiles.Of(lastMinute.Histogram(EngineMetrics.TimeToFirstToken)),
            // Engines before 0.11.1 tell only the gaps between tokens, which is the nearest thing.
            TimePerOutputToken = Percentiles.Of(
                timePerOutputToken.Total > 0 ? timePerOutputToken : lastMinute.Histogram(EngineMetrics.InterTokenLatency)),
        };
    }

    private double? Rate(string counter) => Sum(_engines.Values.Select(engine => engine.Recent.PerSecond(counter)));

    private static double? Sum(IEnumerable<double?> values)
    {
        double? sum = null;
        foreach (var value in values)
        {
            sum = value is null ? sum : (sum ?? 0) + value;
        }

        return sum;
    }
}
