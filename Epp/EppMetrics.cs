using System.Diagnostics;
using System.Diagnostics.Metrics;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Kubernetes;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp;

/// <summary>The picker's metrics: llm-d's names where they exist, ours beside them.</summary>
internal sealed class EppMetrics
{
    // From 5 us: a decision is meant to take some tens of them.
    private static readonly double[] s_decision =
        [0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    // The others are llm-d's, which its boards and alerts are made for.
    private static readonly double[] s_seconds =
        [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600];

    private static readonly double[] s_firstToken = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 120];
    private static readonly double[] s_perToken = [0.0005, 0.00205, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2];
    private static readonly double[] s_betweenPieces = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2];
    private static readonly double[] s_normalised = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
    private static readonly double[] s_streams = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];
    private static readonly double[] s_scheduler = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

    private static readonly double[] s_requestBytes =
    [
        64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216, 33554432, 67108864, 134217728, 268435456, 536870912,
        1073741824,
    ];

    // 32778 is llm-d's own misprint; boards made for it find their bucket.
    private static readonly double[] s_responseBytes = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32778, 65536];
    private static readonly double[] s_inputTokens = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32778, 65536, 131072, 262144, 524288, 1048576];
    private static readonly double[] s_outputTokens = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _disaggregated;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _pollErrors;
    private readonly Counter<long> _streamsEnded;
    private readonly LabelValues _models = new();
    private readonly UpDownCounter<long> _streams;
    private readonly UpDownCounter<long> _running;
    private readonly Histogram<double> _decision;
    private readonly Histogram<double> _scheduler;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _betweenPieces;
    private readonly Histogram<double> _normalised;
    private readonly Histogram<double> _streamDuration;
    private readonly Histogram<long> _requestBytes;
    private readonly Histogram<long> _responseBytes;
    private readonly Histogram<long> _inputTokens;
    private readonly Histogram<long> _outputTokens;
    private readonly Histogram<long> _cachedTokens;

    /// <param name="meters">The host's own, so that two pickers in one process count apart; it owns the meter.</param>
    public EppMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("LlmdAspire.Epp");
        _requests = _meter.CreateCounter<long>("llm_d_epp_request_total", description: "Requests that got a destination, by model.");
        _errors = _meter.CreateCounter<long>("llm_d_epp_request_error_total", description: "Requests refused or failed, by model and code.");
        _attempts = _meter.CreateCounter<long>("llm_d_epp_scheduler_attempts_total", description: "Scheduling attempts, by status and endpoint.");
        _disaggregated = _meter.CreateCounter<long>("llm_d_epp_disagg_decision_total", description: "Requests by the phases that run apart.");
        _fallbacks = _meter.CreateCounter<long>("llmd_epp_indexer_fallback_total", description: "Picks made without the KvIndexer, by reason.");
        _reloads = _meter.CreateCounter<long>("llmd_epp_config_reloads_total", description: "Changed configuration files, by result.");
        _pollErrors = _meter.CreateCounter<long>("llm_d_epp_datalayer_poll_errors_total", description: "Scrapes of engines that failed.");
        _streamsEnded = _meter.CreateCounter<long>("llm_d_epp_extproc_streams_total", description: "ext_proc streams that ended, by gRPC code.");
        _streams = _meter.CreateUpDownCounter<long>("llm_d_epp_extproc_streams_inflight", description: "ext_proc streams that are open.");
        _running = _meter.CreateUpDownCounter<long>("llm_d_epp_request_running", description: "Requests that have a destination and have not ended, by model.");
        _decision = Seconds("llmd_epp_decision_duration_seconds", "End of the request body to the answer being written.", s_decision);
        _scheduler = Seconds("llm_d_epp_scheduler_e2e_duration_seconds", "Reading, producers, filters, scorers and picker.", s_scheduler);
        _duration = Seconds("llm_d_epp_request_duration_seconds", "Request headers to the end of the answer, by model.", s_seconds);
        _firstToken = Seconds("llm_d_epp_request_ttft_seconds", "Request headers to the first bytes of the answer, to its end where it does not stream, by model.", s_firstToken);
        _perToken = Seconds("llm_d_epp_request_streaming_tpot_seconds", "Time of streams after their first bytes for each further token, by model.", s_perToken);
        _betweenPieces = Seconds("llm_d_epp_request_streaming_itl_seconds", "Time between two pieces of a stream, by model.", s_betweenPieces);
        _normalised = Seconds("llm_d_epp_request_ntpot_seconds", "Time of the whole request for each token generated, by model.", s_normalised);
        _streamDuration = Seconds("llm_d_epp_extproc_stream_duration_seconds", "How long ext_proc streams were open.", s_streams);
        _requestBytes = Count("llm_d_epp_request_size_bytes", "Size of request bodies, by model.", s_requestBytes);
        _responseBytes = Count("llm_d_epp_response_size_bytes", "Size of answers, by model.", s_responseBytes);
        _inputTokens = Count("llm_d_epp_request_input_tokens", "Prompt tokens as engines report them, by model.", s_inputTokens);
        _outputTokens = Count("llm_d_epp_request_output_tokens", "Generated tokens, by model.", s_outputTokens);
        _cachedTokens = Count("llm_d_epp_request_cached_tokens", "Prompt tokens that came out of an engine's cache, by model.", s_inputTokens);
    }

    /// <summary>Lets the gauges look at the endpoints; called once.</summary>
    public void Observe(EndpointPool pool)
    {
        _ = _meter.CreateObservableGauge("llm_d_epp_ready_endpoints", () => pool.Ready.Length, description: "Endpoints that answer.");
        _ = _meter.CreateObservableGauge("llm_d_epp_average_kv_cache_utilization", () => Average(pool, endpoint => endpoint.Load.KvUsage), description: "Mean KV cache use.");
        _ = _meter.CreateObservableGauge("llm_d_epp_average_queue_size", () => Average(pool, endpoint => endpoint.Load.Waiting), description: "Mean of waiting requests.");
        _ = _meter.CreateObservableGauge("llm_d_epp_average_running_requests", () => Average(pool, endpoint => endpoint.Load.Running), description: "Mean of running requests.");
        _ = _meter.CreateObservableGauge("llm_d_epp_std_dev_kv_cache_utilization", () => Deviation(pool, endpoint => endpoint.Load.KvUsage), description: "Standard deviation of KV cache use.");
        _ = _meter.CreateObservableGauge("llm_d_epp_std_dev_queue_size", () => Deviation(pool, endpoint => endpoint.Load.Waiting), description: "Standard deviation of waiting requests.");
        _ = _meter.CreateObservableGauge("llm_d_epp_std_dev_running_requests", () => Deviation(pool, endpoint => endpoint.Load.Running), description: "Standard deviation of running requests.");
        _ = _meter.CreateObservableGauge("llm_d_epp_per_endpoint_queue_size", () => PerEndpoint(pool, endpoint => endpoint.Load.Waiting), description: "Waiting requests, by endpoint.");
        _ = _meter.CreateObservableGauge("llm_d_epp_inflight_requests", () => PerEndpoint(pool, endpoint => endpoint.RequestsInFlight), description: "Requests sent there that have not ended, by endpoint.");
        _ = _meter.CreateObservableGauge("llm_d_epp_inflight_tokens", () => PerEndpoint(pool, endpoint => endpoint.TokensInFlight), description: "Their prompt tokens, by endpoint.");
    }

    /// <summary>Lets a gauge tell, for each kind of object, whether the API server can be followed; called once, and only in a cluster.</summary>
    public void Observe(IReadOnlyList<WatchedPart> parts) => _meter.CreateObservableGauge(
        "llmd_epp_api_server_followed",
        () => parts.Select(part => new Measurement<int>(part.IsFollowed ? 1 : 0, new KeyValuePair<string, object?>("resource", part.Resource))),
        description: "Whether the API server can be asked for what the picker watches: 1 or 0, by resource.");

    public void StreamOpened() => _streams.Add(1);

    public void StreamClosed(string code, TimeSpan took)
    {
        _streams.Add(-1);
        _streamsEnded.Add(1, new KeyValuePair<string, object?>("code", code));
        _streamDuration.Record(took.TotalSeconds);
    }

    /// <summary>The labels of a request: the model that the client named, and the one that serves it.</summary>
    public TagList LabelsOf(string model, string targetModel) =>
        new([new("model_name", _models.Known(model)), new("target_model_name", _models.Known(targetModel))]);

    public void Decided(string targetModel, ScheduleResult result, TimeSpan took)
    {
        _scheduler.Record(took.TotalSeconds);
        _attempts.Add(1,
        [
            new("status", result.Best is null ? "failure" : "success"), new("target_model_name", _models.Known(targetModel)), new("endpoint_name", result.Best?.Name ?? ""), new("port", result.Best?.Id.Port),
        ]);
        if (result.Best is not null)
        {
            _disaggregated.Add(1, new KeyValuePair<string, object?>("decision_type", result.DecisionType));
        }
    }

    public void Answered(TimeSpan took) => _decision.Record(took.TotalSeconds);

    public void Began(in TagList labels, long bytes)
    {
        _requests.Add(1, labels);
        _running.Add(1, labels);
        _requestBytes.Record(bytes, labels);
    }

    /// <summary>The first bytes of a stream, or the whole of another answer.</summary>
    public void FirstToken(in TagList labels, TimeSpan took, bool isStream)
    {
        var all = labels;
        all.Add("streaming", isStream ? "true" : "false");
        _firstToken.Record(took.TotalSeconds, all);
    }

    public void Piece(in TagList labels, TimeSpan sinceLast) => _betweenPieces.Record(sinceLast.TotalSeconds, labels);

    /// <param name="ofStream">From the first bytes of a stream to its end; null where it was none.</param>
    public void Ended(in TagList labels, TimeSpan took, TimeSpan? ofStream, long responseBytes, Usage? usage)
    {
        _running.Add(-1, labels);
        _duration.Record(took.TotalSeconds, labels);
        _responseBytes.Record(responseBytes, labels);
        if (usage is not { } tokens)
        {
            return;
        }

        _inputTokens.Record(tokens.PromptTokens, labels);
        _outputTokens.Record(tokens.CompletionTokens, labels);
        if (tokens.CachedTokens is { } cached)
        {
            _cachedTokens.Record(cached, labels);
        }

        if (tokens.CompletionTokens > 0)
        {
            _normalised.Record(took.TotalSeconds / tokens.CompletionTokens, labels);
        }

        if (ofStream is { } streamed && tokens.CompletionTokens > 1)
        {
            _perToken.Record(streamed.TotalSeconds / (tokens.CompletionTokens - 1), labels);
        }
    }

    public void Failed(TagList labels, string code)
    {
        labels.Add("error_code", code);
        _errors.Add(1, labels);
    }

    public void FellBack(string reason) => _fallbacks.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Reloaded(string result) => _reloads.Add(1, new KeyValuePair<string, object?>("result", result));

    public void PollFailed() => _pollErrors.Add(1, new KeyValuePair<string, object?>("source_type", "metrics-data-source"));

    private static double Average(EndpointPool pool, Func<EngineEndpoint, double> value) => pool.Ready is { Length: > 0 } ready ? ready.Average(value) : 0;

    private static double Deviation(EndpointPool pool, Func<EngineEndpoint, double> value)
    {
        var ready = pool.Ready;
        if (ready.Length == 0)
        {
            return 0;
        }

        var mean = ready.Average(value);
        return Math.Sqrt(ready.Average(endpoint => Math.Pow(value(endpoint) - mean, 2)));
    }

    private static IEnumerable<Measurement<long>> PerEndpoint(EndpointPool pool, Func<EngineEndpoint, long> value) =>
        pool.All.Select(endpoint => new Measurement<long>(value(endpoint), new KeyValuePair<string, object?>("endpoint_name", endpoint.Name)));

    private Histogram<double> Seconds(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, null, description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private Histogram<long> Count(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, null, description, null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. bounds.Select(bound => (long)bound)] });
}
