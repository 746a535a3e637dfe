using System.Diagnostics.Metrics;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Policies.Sessions;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router;

/// <summary>The router's metrics, under vllm-router's names so that existing boards work.</summary>
internal sealed class RouterMetrics : IDisposable
{
    // vllm-router's: 1 ms to 240 s, twenty of them.
    private static readonly double[] s_seconds =
        [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240];

    private readonly Meter _meter = new("LlmdAspire.Router");
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _retriesExhausted;
    private readonly Histogram<double> _backoff;
    private readonly Counter<long> _breakerTransitions;
    private readonly Counter<long> _breakerOutcomes;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _timeToFirstByte;
    private readonly Counter<long> _pdRequests;
    private readonly Histogram<double> _pdDuration;
    private readonly Counter<long> _pdPrefills;
    private readonly Counter<long> _pdDecodes;
    private readonly Counter<long> _pdErrors;
    private readonly Counter<long> _pdPrefillErrors;
    private readonly Counter<long> _pdDecodeErrors;
    private readonly Counter<long> _pdStreamErrors;
    private readonly Counter<long> _picks;
    private readonly Histogram<double> _pickDuration;
    private readonly Counter<long> _cacheHits;
    private readonly Counter<long> _cacheMisses;
    private readonly Counter<long> _rebalanced;
    private readonly Counter<long> _indexerFallbacks;
    private readonly Histogram<double> _lookupDuration;
    private readonly Counter<long> _reloads;

    public RouterMetrics()
    {
        var seconds = new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds };
        _requests = _meter.CreateCounter<long>("vllm_router_requests_total", description: "Requests by route.");
        _duration = _meter.CreateHistogram("vllm_router_request_duration_seconds", null, "Arrival to last byte.", null, seconds);
        _errors = _meter.CreateCounter<long>("vllm_router_request_errors_total", description: "Requests that ended with an error, by route and kind.");
        _retries = _meter.CreateCounter<long>("vllm_router_retries_total", description: "Attempts after the first, by route.");
        _retriesExhausted = _meter.CreateCounter<long>("vllm_router_retries_exhausted_total", description: "Requests that no attempt could serve, by route.");
        _backoff = _meter.CreateHistogram("vllm_router_retry_backoff_duration_seconds", null, "Waits between attempts.", null, seconds);
        _breakerTransitions = _meter.CreateCounter<long>("vllm_router_cb_state_transitions_total", description: "Changes of circuit breakers.");
        _breakerOutcomes = _meter.CreateCounter<long>("vllm_router_cb_outcomes_total", description: "What circuit breakers were told, by worker and outcome.");
        _processed = _meter.CreateCounter<long>("vllm_router_processed_requests_total", description: "Attempts sent, by worker.");
        _decisions = _meter.CreateCounter<long>("vllm_router_policy_decisions_total", description: "Choices, by policy and worker.");
        _timeToFirstByte = _meter.CreateHistogram("llmd.router.time_to_first_byte", "s", "Arrival to the first byte of the answer's body.", null, seconds);
        _pdRequests = _meter.CreateCounter<long>("vllm_router_pd_requests_total", description: "Requests that ran in two stages, by route.");
        _pdDuration = _meter.CreateHistogram("vllm_router_pd_request_duration_seconds", null, "Arrival to last byte of requests that ran in two stages.", null, seconds);
        _pdPrefills = _meter.CreateCounter<long>("vllm_router_pd_prefill_requests_total", description: "Prefill legs sent, by worker.");
        _pdDecodes = _meter.CreateCounter<long>("vllm_router_pd_decode_requests_total", description: "Decode legs sent, by worker.");
        _pdErrors = _meter.CreateCounter<long>("vllm_router_pd_errors_total", description: "What went wrong between the stages, by kind.");
        _pdPrefillErrors = _meter.CreateCounter<long>("vllm_router_pd_prefill_errors_total", description: "Prefill legs that failed, by worker.");
        _pdDecodeErrors = _meter.CreateCounter<long>("vllm_router_pd_decode_errors_total", description: "Decode legs that failed, by worker.");
        _pdStreamErrors = _meter.CreateCounter<long>("vllm_router_pd_stream_errors_total", description: "Decode legs that broke after their first byte, by worker.");
        _picks = _meter.CreateCounter<long>("llmd_router_picks_total", description: "Questions to the endpoint picker, by outcome: picked, refused, failed, skipped.");
        _cacheHits = _meter.CreateCounter<long>("vllm_router_cache_hits_total", description: "Choices of a worker that holds enough of the prompt.");
        _cacheMisses = _meter.CreateCounter<long>("vllm_router_cache_misses_total", description: "Choices without a worker that holds enough of the prompt.");
        _rebalanced = _meter.CreateCounter<long>("vllm_router_load_balancing_events_total", description: "Choices by load alone, because loads were out of balance.");
        _indexerFallbacks = _meter.CreateCounter<long>("llmd_router_indexer_fallback_total", description: "Choices made without the KvIndexer, by reason.");
        _lookupDuration = _meter.CreateHistogram("llmd.router.lookup_duration", "s", "Answers of the KvIndexer that came in time.", null, seconds);
        _pickDuration = _meter.CreateHistogram("llmd.router.pick_duration", "s", "Waits for the endpoint picker.", null, seconds);
        _reloads = _meter.CreateCounter<long>("llmd_router_config_reloads_total", description: "Changed configuration files, by result.");
    }

    /// <summary>Lets the gauges look at the workers and the gate; called once.</summary>
    public void Observe(WorkerPool pool, Func<RoutingPolicies> policies, Func<int> waiting, Func<long> bufferedBytes)
    {
        _ = _meter.CreateObservableGauge("vllm_router_active_workers", () => Count(pool, worker => worker.Health == WorkerHealth.Healthy), description: "Healthy workers.");
        _ = _meter.CreateObservableGauge("vllm_router_worker_health", () => PerWorker(pool, worker => worker.Health == WorkerHealth.Healthy ? 1 : 0), description: "1 while the worker is healthy.");
        _ = _meter.CreateObservableGauge("vllm_router_worker_load", () => PerWorker(pool, worker => worker.InFlight), description: "Requests in flight, by worker.");
        _ = _meter.CreateObservableGauge("vllm_router_running_requests", () => PerWorker(pool, worker => worker.InFlight), description: "Requests in flight, by worker.");
        _ = _meter.CreateObservableGauge("vllm_router_cb_state", () => PerWorker(pool, worker => (int)worker.Breaker.State), description: "0 closed, 1 open, 2 half open.");
        _ = _meter.CreateObservableGauge("vllm_router_max_load", () => Extreme(pool, Math.Max), description: "In-flight requests of the busiest worker.");
        _ = _meter.CreateObservableGauge("vllm_router_min_load", () => Extreme(pool, Math.Min), description: "In-flight requests of the least busy worker.");
        _ = _meter.CreateObservableGauge("vllm_router_tree_size", () => Remembered(policies()), description: "Bytes of prompts that a worker is believed to hold.");
        _ = _meter.CreateObservableGauge("llmd.router.sessions", () => Sessions(policies()), description: "Sessions bound to a worker.");
        _ = _meter.CreateObservableGauge("llmd.router.queued_requests", waiting, description: "Requests waiting for admission.");
        _ = _meter.CreateObservableGauge("llmd.router.buffered_bodies", bufferedBytes, "By", "Request bodies held in memory.");
    }

    public void Finished(string route, TimeSpan elapsed, TimeSpan? firstByte, string? error)
    {
        var tag = new KeyValuePair<string, object?>("route", route);
        _requests.Add(1, tag);
        _duration.Record(elapsed.TotalSeconds, tag);
        if (firstByte is { } ttfb)
        {
            _timeToFirstByte.Record(ttfb.TotalSeconds, tag);
        }

        if (error is not null)
        {
            _errors.Add(1, tag, new("error_type", error));
        }
    }

    /// <summary>A request that ran in two stages, or was to, is over.</summary>
    public void PdFinished(string route, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("route", route);
        _pdRequests.Add(1, tag);
        _pdDuration.Record(elapsed.TotalSeconds, tag);
    }

    public void PdFailed(string kind) => _pdErrors.Add(1, new KeyValuePair<string, object?>("error_type", kind));

    public void PrefillSent(Worker worker) => _pdPrefills.Add(1, worker.Tag);

    public void PrefillFailed(Worker worker)
    {
        _pdPrefillErrors.Add(1, worker.Tag);
        PdFailed("prefill");
    }

    public void DecodeSent(Worker worker) => _pdDecodes.Add(1, worker.Tag);

    public void DecodeFailed(Worker worker, bool midStream)
    {
        _pdDecodeErrors.Add(1, worker.Tag);
        PdFailed("decode");
        if (midStream)
        {
            _pdStreamErrors.Add(1, worker.Tag);
        }
    }

    /// <param name="wait">Null when it was not asked.</param>
    public void Picked(string outcome, TimeSpan? wait)
    {
        _picks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (wait is { } time)
        {
            _pickDuration.Record(time.TotalSeconds);
        }
    }

    public void Chosen(string policy, Worker worker)
    {
        _decisions.Add(1, new("policy", policy), worker.Tag);
        _processed.Add(1, worker.Tag);
    }

    /// <summary>A policy chose.</summary>
    public void Decided(PolicyOutcome outcome)
    {
        switch (outcome)
        {
            case PolicyOutcome.PrefixHeld:
                _cacheHits.Add(1);
                break;
            case PolicyOutcome.PrefixUnknown:
                _cacheMisses.Add(1);
                break;
            case PolicyOutcome.Rebalanced:
                _rebalanced.Add(1);
                break;
            default:
                break;
        }
    }

    /// <summary>The KvIndexer was asked.</summary>
    /// <param name="failure">In one word why it gave no answer; null when it did.</param>
    public void AskedIndexer(TimeSpan? took, string? failure)
    {
        if (took is { } time)
        {
            _lookupDuration.Record(time.TotalSeconds);
        }

        if (failure is not null)
        {
            _indexerFallbacks.Add(1, new KeyValuePair<string, object?>("reason", failure));
        }
    }

    public void Retried(string route, int attempt, TimeSpan wait)
    {
        _retries.Add(1, new KeyValuePair<string, object?>("route", route));
        _backoff.Record(wait.TotalSeconds, new KeyValuePair<string, object?>("attempt", attempt));
    }

    public void Exhausted(string route) => _retriesExhausted.Add(1, new KeyValuePair<string, object?>("route", route));

    public void BreakerHeard(Worker worker, bool success) =>
        _breakerOutcomes.Add(1, worker.Tag, new("outcome", success ? "success" : "failure"));

    public void BreakerMoved(string worker, BreakerState from, BreakerState to) =>
        _breakerTransitions.Add(1, new("worker", worker), new("from", Name(from)), new("to", Name(to)));

    public void Reloaded(string result) => _reloads.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();

    private static string Name(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.Open => "open",
        _ => "half_open",
    };

    private static IEnumerable<Measurement<long>> Remembered(RoutingPolicies policies) =>
        policies.All.OfType<IRemembersPrompts>().SelectMany(policy => policy.RememberedBytes).Select(one => new Measurement<long>(one.Value, one.Key.Tag));

    private static IEnumerable<Measurement<int>> Sessions(RoutingPolicies policies) =>
        policies.All.OfType<IKeepsSessions>().SelectMany(policy => policy.SessionCounts).Select(one => new Measurement<int>(one.Value, one.Key.Tag));

    private static int Count(WorkerPool pool, Func<Worker, bool> predicate)
    {
        var count = 0;
        foreach (var worker in pool.Current.Endpoints)
        {
            count += predicate(worker) ? 1 : 0;
        }

        return count;
    }

    private static int Extreme(WorkerPool pool, Func<int, int, int> pick)
    {
        var workers = pool.Current.Endpoints;
        var extreme = workers.IsEmpty ? 0 : workers[0].InFlight;
        foreach (var worker in workers)
        {
            extreme = pick(extreme, worker.InFlight);
        }

        return extreme;
    }

    private static List<Measurement<int>> PerWorker(WorkerPool pool, Func<Worker, int> value)
    {
        var measurements = new List<Measurement<int>>();
        foreach (var worker in pool.Current.Endpoints)
        {
            measurements.Add(new(value(worker), worker.Tag));
        }

        return measurements;
    }
}
