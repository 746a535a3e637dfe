using System.Text.Json.Serialization;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.Why;

namespace LlmdAspire.Dashboard.State;

/// <summary>Everything the page shows at one moment; <c>GET /api/state</c> is this record in snake case.</summary>
/// <remarks>Public because Razor components, which show it, always are. Immutable, shared by all who watch. A number that is not known is null, never a guess.</remarks>
public sealed record StackState(
    DateTimeOffset Time,
    IReadOnlyList<SourceState> Sources,
    StackTotals Totals,
    IReadOnlyList<EngineState> Engines,
    IReadOnlyList<RequestRow> Requests,
    IReadOnlyList<string> Models,
    IReadOnlyList<HistoryPoint> History)
{
    /// <summary>Why one request went where it went; null unless it was asked for.</summary>
    public RequestWhy? Why { get; init; }

    [JsonIgnore]
    public SourceState Router => Sources[0];

    /// <summary>The endpoint picker; null when there is none to look at.</summary>
    [JsonIgnore]
    public SourceState? Picker => Sources.FirstOrDefault(source => source.Name == SourceState.Picker);

    /// <summary>The KvIndexer; null when there is none to look at.</summary>
    [JsonIgnore]
    public SourceState? Indexer => Sources.FirstOrDefault(source => source.Name == SourceState.Indexer);
}

/// <summary>The stack as a whole. Rates are means over about 10 s, percentiles cover about the last minute.</summary>
public sealed record StackTotals
{
    public int EnginesHealthy { get; init; }
    public int EnginesTotal { get; init; }
    public double? RequestsPerSecond { get; init; }
    public double? ErrorsPerSecond { get; init; }
    public double? GenerationTokensPerSecond { get; init; }
    public double? PromptTokensPerSecond { get; init; }
    public double? Running { get; init; }
    public double? Waiting { get; init; }
    public double? KvCacheUsage { get; init; }
    public double? PrefixHitRate { get; init; }

    /// <summary>The share of prompt tokens that the picker expected in the cache, over the same time.</summary>
    public double? ExpectedHitRate { get; init; }

    public Percentiles TimeToFirstToken { get; init; }
    public Percentiles TimePerOutputToken { get; init; }
}

/// <summary>One engine or data-parallel rank.</summary>
public sealed record EngineState
{
    public required string Endpoint { get; init; }

    /// <summary>What the application model calls it; null when nobody tells.</summary>
    public string? Name { get; init; }

    public required string Address { get; init; }
    public int? Rank { get; init; }
    public string? Model { get; init; }
    public required string Role { get; init; }

    /// <summary><c>healthy</c>, <c>unhealthy</c> (says the Router), <c>draining</c>, or <c>away</c> (its metrics do not answer).</summary>
    public required string State { get; init; }

    public string? Detail { get; init; }
    public int? InFlight { get; init; }

    /// <summary>The Router's breaker for this engine: <c>closed</c>, <c>open</c> or <c>half_open</c>.</summary>
    public string? CircuitBreaker { get; init; }

    public double? Running { get; init; }
    public double? Waiting { get; init; }
    public double? KvCacheUsage { get; init; }
    public double? GenerationTokensPerSecond { get; init; }
    public double? PrefixHitRate { get; init; }

    /// <summary>The share of prompt tokens that the picker expected in its cache, of those sent there in the last minute.</summary>
    public double? ExpectedHitRate { get; init; }

    /// <summary>How well the KvIndexer follows it; null when it does not.</summary>
    public IndexedEngine? Index { get; init; }

    public Percentiles TimeToFirstToken { get; init; }
    public Percentiles InterTokenLatency { get; init; }
    public IReadOnlyList<EnginePoint> History { get; init; } = [];
}

/// <summary>Percentiles in milliseconds; null while nothing was observed.</summary>
public readonly record struct Percentiles(double? P50Ms, double? P95Ms)
{
    internal static Percentiles Of(Metrics.BucketCounts seconds) => new(seconds.Percentile(0.5) * 1000, seconds.Percentile(0.95) * 1000);
}

/// <summary>The totals at an earlier moment, for the charts.</summary>
public sealed record HistoryPoint(
    DateTimeOffset Time,
    double? RequestsPerSecond,
    double? GenerationTokensPerSecond,
    double? TimeToFirstTokenP95Ms,
    double? TimePerOutputTokenP95Ms,
    double? Waiting,
    double? PrefixHitRate);

/// <summary>An engine at an earlier moment.</summary>
public sealed record EnginePoint(DateTimeOffset Time, double? GenerationTokensPerSecond, double? KvCacheUsage);
