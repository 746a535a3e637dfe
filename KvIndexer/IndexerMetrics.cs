using System.Diagnostics;
using System.Diagnostics.Metrics;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer;

/// <summary>What the indexer measures of itself, and its spans.</summary>
internal sealed class IndexerMetrics : IDisposable
{
    public const string Name = "LlmdAspire.KvIndexer";

    public static readonly ActivitySource Spans = new(Name);

    private static readonly InstrumentAdvice<double> s_fromMicrosecond = new()
    {
        HistogramBucketBoundaries = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 0.02, 0.1],
    };

    private static readonly InstrumentAdvice<double> s_fromMillisecond = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _replays;
    private readonly Counter<long> _lookups;
    private readonly Histogram<double> _lookupTime;
    private readonly Histogram<double> _tokenizeTime;
    private readonly Counter<long> _tokenizedTokens;
    private readonly Counter<long> _cacheUse;
    private readonly Counter<long> _continued;
    private readonly Counter<long> _predicted;
    private readonly Counter<long> _actual;
    private readonly Counter<long> _shared;
    private readonly Gauge<int> _sharedConnected;
    private long _allEvents;
    private long _allLookups;

    /// <param name="meters">The service's, so that two in one process are told apart; without it everybody who listens sees these.</param>
    public IndexerMetrics(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _events = _meter.CreateCounter<long>("llmd.kvindexer.events", description: "KV events received, by result: applied, unknown or malformed.");
        _stored = _meter.CreateCounter<long>("llmd.kvindexer.blocks.stored", description: "Blocks announced as stored and indexed.");
        _removed = _meter.CreateCounter<long>("llmd.kvindexer.blocks.removed", description: "Blocks announced as removed.");
        _skipped = _meter.CreateCounter<long>("llmd.kvindexer.skipped", description: "What events brought and the index did not take, by reason.");
        _replays = _meter.CreateCounter<long>("llmd.kvindexer.replays", description: "Replays asked for, by result.");
        _lookups = _meter.CreateCounter<long>("llmd.kvindexer.lookups", description: "Lookups, by whether any endpoint matched.");
        _lookupTime = _meter.CreateHistogram("llmd.kvindexer.lookup.duration", "s", "Block keys and index lookup of one prompt.", null, s_fromMicrosecond);
        _tokenizeTime = _meter.CreateHistogram("llmd.kvindexer.tokenize.duration", "s", "Requests to engines for tokens.", null, s_fromMillisecond);
        _cacheUse = _meter.CreateCounter<long>("llmd.kvindexer.token_cache.requests", description: "Prompts by what the token cache knew: all, beginning or nothing.");
        _tokenizedTokens = _meter.CreateCounter<long>("llmd.kvindexer.tokenized_tokens", description: "Tokens that engines were asked for and gave.");
        _continued = _meter.CreateCounter<long>(
            "llmd.kvindexer.continuations",
            description: "Conversations that grew, by how: sufficed (only the end was tokenised), confirmed or differed (the end, compared with the whole), outdated, refused, no_gain or distrusted (the whole).");
        _predicted = _meter.CreateCounter<long>("llmd.kvindexer.predicted_tokens", description: "Cached prompt tokens expected, by endpoint, as observers report.");
        _actual = _meter.CreateCounter<long>("llmd.kvindexer.actual_tokens", description: "Cached prompt tokens found by the engine, by endpoint, as observers report.");
        _shared = _meter.CreateCounter<long>("llmd.kvindexer.redis.blocks", description: "Blocks exchanged with Redis, by way: written or read as a change, written_whole or read_whole with an endpoint's whole state.");
        _sharedConnected = _meter.CreateGauge<int>("llmd.kvindexer.redis.connected", description: "1 while what is known is shared through Redis; absent without --redis.");
    }

    public long AllEvents => Interlocked.Read(ref _allEvents);

    public long AllLookups => Interlocked.Read(ref _allLookups);

    /// <summary>Lets the gauges look at the index; called once.</summary>
    public void Observe(IBlockIndex index, EndpointCatalog catalog, ByteBudget budget, Func<long> tokenCacheBytes)
    {
        _ = _meter.CreateObservableGauge("llmd.kvindexer.blocks", () => index.Blocks, description: "Different blocks in the index.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.memory", () => new Measurement<long>[]
        {
            new(index.Bytes, new KeyValuePair<string, object?>("part", "index")),
            new(catalog.HandleBytes, new KeyValuePair<string, object?>("part", "handles")),
            new(tokenCacheBytes(), new KeyValuePair<string, object?>("part", "tokens")),
        }, "By", "Memory by part.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.memory.budget", () => budget.Limit, "By", "What index and handles may take together.");
        _ = _meter.CreateObservableCounter("llmd.kvindexer.evicted_blocks", () => catalog.Evicted, description: "Blocks forgotten for want of memory.");
        _ = _meter.CreateObservableCounter("llmd.kvindexer.refused_blocks", () => catalog.Refused, description: "Blocks not indexed for want of memory.");
        _ = _meter.CreateObservableCounter("llmd.kvindexer.gaps", () => PerEndpoint(catalog, e => e.Sequence.Gaps), description: "Jumps in the sequence of events.");
        _ = _meter.CreateObservableCounter("llmd.kvindexer.restarts", () => PerEndpoint(catalog, e => e.Sequence.Restarts), description: "Publishers that began anew.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.lag", () => PerEndpoint(catalog, e => e.LagSeconds), "s", "Age of the last batch when it arrived.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.connected", () => PerEndpoint(catalog, e => e.Connected ? 1 : 0), description: "1 while the line to the publisher stands.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.trusted", () => PerEndpoint(catalog, e => e.Blocks.IsDoubtful ? 0 : 1), description: "0 while blocks from before lost events still count.");
        _ = _meter.CreateObservableGauge("llmd.kvindexer.endpoint_blocks", () => PerEndpoint(catalog, e => e.Blocks.Count), description: "Blocks held, all tiers.");
    }

    public void Events(int applied, int unknown, int malformed)
    {
        _ = Interlocked.Add(ref _allEvents, applied);
        Add(_events, applied, "result", "applied");
        Add(_events, unknown, "result", "unknown");
        Add(_events, malformed, "result", "malformed");
    }

    public void Stored(int blocks) => _stored.Add(blocks);

    public void Removed(int blocks) => _removed.Add(blocks);

    public void Skipped(string reason, int count) => Add(_skipped, count, "reason", reason);

    public void Replayed(string result) => Add(_replays, 1, "result", result);

    public void LookedUp(TimeSpan duration, bool matched)
    {
        _ = Interlocked.Increment(ref _allLookups);
        _lookupTime.Record(duration.TotalSeconds);
        Add(_lookups, 1, "result", matched ? "match" : "none");
    }

    /// <param name="tokens">How many the engine gave; null when it gave none.</param>
    public void Tokenized(TimeSpan duration, int? tokens)
    {
        _tokenizeTime.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("result", tokens is null ? "failed" : "ok"));
        _tokenizedTokens.Add(tokens ?? 0);
    }

    /// <summary>A conversation grew.</summary>
    public void Continued(string result) => Add(_continued, 1, "result", result);

    public void TokenCache(string known) => Add(_cacheUse, 1, "known", known);

    public void Shared(string way, int blocks) => Add(_shared, blocks, "way", way);

    public void SharedIs(bool connected) => _sharedConnected.Record(connected ? 1 : 0);

    public void Observed(string endpoint, long predicted, long actual)
    {
        Add(_predicted, predicted, "endpoint", endpoint);
        Add(_actual, actual, "endpoint", endpoint);
    }

    public void Dispose() => _meter.Dispose();

    private static void Add(Counter<long> counter, long count, string tag, string value)
    {
        if (count > 0)
        {
            counter.Add(count, new KeyValuePair<string, object?>(tag, value));
        }
    }

    private static List<Measurement<T>> PerEndpoint<T>(EndpointCatalog catalog, Func<IndexedEndpoint, T> value)
        where T : struct
    {
        var all = new List<Measurement<T>>();
        lock (catalog.Gate)
        {
            foreach (var endpoint in catalog.All)
            {
                all.Add(new(value(endpoint), new KeyValuePair<string, object?>("endpoint", endpoint.Name)));
            }
        }

        return all;
    }
}
