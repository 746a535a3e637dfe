using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router;

/// <summary>The router's command line: vllm-router's spellings and defaults, and what this router adds.</summary>
internal sealed partial class RouterFlags : ServiceFlags
{
    public RouterFlags()
        : base("router", "OpenAI-compatible front of a pool of vLLM engines.", 30000, otlpNames: ["otlp-traces-endpoint"])
    {
        Mode = Define(ModeFlag.Name, ModeFlag.Router, ModeFlag.Help);
        Check(Mode, ModeFlag.FindMistake);
        WorkerUrls = Define<string[]>("worker-urls", [], "Engines to send to, http://HOST:PORT, optionally with @RANK; empty starts without any.");
        Policy = Define("policy", "cache_aware", $"How an engine is chosen: {PolicyCatalog.Names}.");
        Check(Policy, PolicyCatalog.FindMistake);

        PdDisaggregation = Define("vllm-pd-disaggregation", false, "Run each request in two stages: prompts on --prefill engines, text on --decode engines.", "pd-disaggregation");
        Prefill = Define<string[]>("prefill", [], "Engine that computes prompts, http://HOST:PORT, perhaps followed by a bootstrap port or none, which NIXL does not use; repeatable.");
        Decode = Define<string[]>("decode", [], "Engine that generates text, http://HOST:PORT; repeatable.");
        PrefillPolicy = Define<string?>("prefill-policy", null, "How a prefill engine is chosen; default: as --policy says.");
        Check(PrefillPolicy, PolicyCatalog.FindMistake);
        DecodePolicy = Define<string?>("decode-policy", null, "How a decode engine is chosen; default: as --policy says.");
        Check(DecodePolicy, PolicyCatalog.FindMistake);
        CacheThreshold = Define("cache-threshold", 0.3, "cache_aware: share of the prompt above which an engine that holds it is chosen.");
        Check(CacheThreshold, value => value is >= 0 and <= 1 ? null : "must be from 0 to 1");
        BalanceAbsThreshold = AtLeast("balance-abs-threshold", 64, 0, "cache_aware: loads are out of balance when the largest is this many requests above the smallest,");
        BalanceRelThreshold = Define("balance-rel-threshold", 1.5, "and more than this many times the smallest; then the least busy engine is chosen.");
        Check(BalanceRelThreshold, value => value is >= 1 and <= 1e6 ? null : "must be at least 1");
        EvictionInterval = Define("eviction-interval", 120, "cache_aware: seconds between looks for what to forget.", "eviction-interval-secs");
        Check(EvictionInterval, value => value is >= 1 and <= 86400 ? null : "must be from 1 to 86400");
        MaxTreeSize = AtLeast("max-tree-size", 1L << 26, 1, "cache_aware: bytes of prompts remembered for each engine.");
        KvIndexer = Define<Uri?>("kv-indexer", null, "kv_aware: base URL of the KvIndexer, which knows what engines hold.");
        KvIndexerDeadline = DefineDuration("kv-indexer-deadline", TimeSpan.FromMilliseconds(2), "Longest wait for it when the prompt is token ids.");
        KvIndexerTokenizeDeadline = DefineDuration("kv-indexer-tokenize-deadline", TimeSpan.FromMilliseconds(50), "Longest wait when it has to tokenise; 1 ms more per 2 KiB of prompt.");
        IntraNodeDataParallelSize = AtLeast("intra-node-data-parallel-size", 1, 1, "Data-parallel ranks behind each URL; 1 asks the engine's metrics.", "data-parallel-size");
        DpAware = Define("dp-aware", false, "Accepted for older command lines: ranks are always known.");
        PrefillDataParallelSize = Define<int?>("prefill-data-parallel-size", null, "The same for prefill engines; beats the common size.");
        Check(PrefillDataParallelSize, value => value < 1 ? "must be at least 1" : null);
        DecodeDataParallelSize = Define<int?>("decode-data-parallel-size", null, "The same for decode engines; beats the common size.");
        Check(DecodeDataParallelSize, value => value < 1 ? "must be at least 1" : null);
        RankPairing = Define<string?>("rank-pairing", null, "Rank of the decode leg: same as the prefill leg's, engine lets the engine choose, free lets the policy. Default: same where both have equally many ranks, else engine.");
        Check(RankPairing, value => value is null or "same" or "engine" or "free" ? null : "must be same, engine or free");
        KvConnector = Define("kv-connector", "nixl", "How engines hand KV blocks over: nixl.");
        Check(KvConnector, value => value switch
        {
            "nixl" => null,
            "mooncake" or "moriio" => "is not supported yet; use nixl",
            _ => "must be nixl",
        });

        Epp = Define<string?>("epp", null, "Endpoint picker to ask over ext_proc: http://HOST:PORT, or https:// with any certificate.");
        Check(Epp, url => url is null || IsOrigin(url) ? null : "must be a URL such as http://127.0.0.1:9002");
        EppFailureMode = Define("epp-failure-mode", "open", "Without an answer of the picker: open sends to the least-loaded healthy worker, close answers 503.");
        Check(EppFailureMode, value => value is "open" or "close" ? null : "must be open or close");
        EppTimeout = DefineDuration("epp-timeout", TimeSpan.FromSeconds(5), "Longest wait for the picker.");
        Check(EppTimeout, value => value <= TimeSpan.Zero ? "must be longer than 0" : null);

        MaxPayloadSize = AtLeast("max-payload-size", 536870912L, 1, "Largest request body in bytes; larger ones get 413.");
        MaxBufferedBytes = AtLeast("max-buffered-bytes", 1L << 30, 4096, "Bytes of request bodies held at the same time; beyond it requests get 429.");
        RequestTimeoutSecs = AtLeast("request-timeout-secs", 1800, 1, "Longest time for a whole request.");
        MaxConcurrentRequests = AtLeast("max-concurrent-requests", 32768, 1, "Size of the admission token bucket.");
        QueueSize = AtLeast("queue-size", 100, 0, "Requests that may wait for admission; 0 answers 429 at once.");
        QueueTimeoutSecs = AtLeast("queue-timeout-secs", 60, 1, "Longest wait for admission; then 408.");
        RateLimitTokensPerSecond = AtLeast("rate-limit-tokens-per-second", 0, 0, "Admission tokens that come back per second; 0 means as many as --max-concurrent-requests.");

        RetryMaxRetries = AtLeast("retry-max-retries", 5, 1, "Attempts per request, the first included.");
        RetryInitialBackoffMs = AtLeast("retry-initial-backoff-ms", 50, 0, "Wait before the second attempt.");
        RetryMaxBackoffMs = AtLeast("retry-max-backoff-ms", 30000, 0, "Longest wait between attempts.");
        RetryBackoffMultiplier = Define("retry-backoff-multiplier", 1.5, "Growth of the wait from attempt to attempt.");
        Check(RetryBackoffMultiplier, value => value is >= 1 and <= 100 ? null : "must be from 1 to 100");
        RetryJitterFactor = Define("retry-jitter-factor", 0.2, "Part of the wait by which it varies, 0 to 1.");
        Check(RetryJitterFactor, value => value is >= 0 and <= 1 ? null : "must be from 0 to 1");
        DisableRetries = Define("disable-retries", false, "One attempt per request.");

        CbFailureThreshold = AtLeast("cb-failure-threshold", 10, 1, "Failures in a row after which a worker gets nothing.");
        CbSuccessThreshold = AtLeast("cb-success-threshold", 3, 1, "Successes after which it is trusted again.");
        CbTimeoutDurationSecs = AtLeast("cb-timeout-duration-secs", 60, 0, "How long it gets nothing.");
        CbWindowDurationSecs = AtLeast("cb-window-duration-secs", 120, 0, "Accepted for vllm-router's sake; without effect there and here.");
        DisableCircuitBreaker = Define("disable-circuit-breaker", false, "Failures never keep requests from a worker.");

        HealthFailureThreshold = AtLeast("health-failure-threshold", 3, 1, "Failed probes in a row that take a worker out.");
        HealthSuccessThreshold = AtLeast("health-success-threshold", 2, 1, "Good probes in a row that bring it back.");
        HealthCheckTimeoutSecs = AtLeast("health-check-timeout-secs", 5, 1, "Longest time for a probe.");
        HealthCheckIntervalSecs = AtLeast("health-check-interval-secs", 60, 1, "Time between probes of a healthy worker; others are probed each second.");
        HealthCheckEndpoint = Define("health-check-endpoint", "/health", "Path of the probe.");
        Check(HealthCheckEndpoint, path => path.StartsWith('/') ? null : "must begin with /");
        WorkerStartupTimeoutSecs = AtLeast("worker-startup-timeout-secs", 600, 1, "How long adding a worker waits for it to be healthy.");
        WorkerStartupCheckInterval = AtLeast("worker-startup-check-interval", 30, 1, "Accepted for vllm-router's sake; a starting worker is probed each second.");

        ApiKey = Define<string?>("api-key", null, "Sent to the engines as bearer instead of the client's; better given by LLMD_ROUTER_API_KEY.");
        ApiKeyValidationUrls = Define<string[]>("api-key-validation-urls", [], "Where clients' keys are checked, by a GET with the key as bearer: 200 from any is yes. Empty asks for no key.");
        AlsoFrom(ApiKeyValidationUrls, "API_KEY_VALIDATION_URLS");
        RequestIdHeaders = Define<string[]>("request-id-headers", ["x-request-id", "x-correlation-id", "x-trace-id", "request-id"], "Headers in which clients send request ids.");
        PrometheusPort = DefinePort("prometheus-port", 29000, "Port of /metrics besides the main one; 0 for none.");
        PrometheusHost = Define("prometheus-host", "127.0.0.1", "Address of the metrics port.");
        TransparentProxy = Define("transparent-proxy", "on", "on forwards unknown paths to an engine, off answers 404.");
        Check(TransparentProxy, value => value is "on" or "off" ? null : "must be on or off");
        HideEndpoint = Define("hide-endpoint", false, "No x-llmd-endpoint in answers.");
        CorsAllowedOrigins = Define<string[]>("cors-allowed-origins", [], "Origins of browsers that may call; empty allows any. Admin paths are never allowed.");
        Backend = Define("backend", "vllm", "What the engines are: vllm.", "runtime");
        Check(Backend, value => value == "vllm" ? null : "must be vllm; engines of other kinds are not supported");
        HistoryBackend = Define("history-backend", "none", "Where stored responses are kept: none, which leaves them to the engines.");
        Check(HistoryBackend, value => value == "none" ? null : "must be none; stored responses stay with the engines that made them");
        EnableTrace = Define("enable-trace", false, "Accepted for vllm-router's sake: spans are sent wherever --otlp-endpoint or OTEL_* names a receiver.");
        OtelSamplingRatio = Define<double?>("otel-sampling-ratio", null, "Part of the traces begun here that is kept, 0 to 1; default: OTEL_TRACES_SAMPLER, else all.");
        Check(OtelSamplingRatio, value => value is null or (>= 0 and <= 1) ? null : "must be from 0 to 1");
        TrustClientKvParams = Define("trust-client-kv-params", false, "Let clients send kv_transfer_params and routing headers, which name hosts to fetch from.");
    }

    public Flag<string> Mode { get; }

    public Flag<string[]> WorkerUrls { get; }

    public Flag<string> Policy { get; }

    public Flag<bool> PdDisaggregation { get; }

    public Flag<string[]> Prefill { get; }

    public Flag<string[]> Decode { get; }

    public Flag<string?> PrefillPolicy { get; }

    public Flag<string?> DecodePolicy { get; }

    public Flag<int> IntraNodeDataParallelSize { get; }

    public Flag<bool> DpAware { get; }

    public Flag<int?> PrefillDataParallelSize { get; }

    public Flag<int?> DecodeDataParallelSize { get; }

    public Flag<string?> RankPairing { get; }

    public Flag<string> KvConnector { get; }

    public Flag<string?> Epp { get; }

    public Flag<string> EppFailureMode { get; }

    public Flag<TimeSpan> EppTimeout { get; }

    public Flag<long> MaxPayloadSize { get; }

    public Flag<long> MaxBufferedBytes { get; }

    public Flag<int> RequestTimeoutSecs { get; }

    public Flag<int> MaxConcurrentRequests { get; }

    public Flag<int> QueueSize { get; }

    public Flag<int> QueueTimeoutSecs { get; }

    public Flag<int> RateLimitTokensPerSecond { get; }

    public Flag<int> RetryMaxRetries { get; }

    public Flag<int> RetryInitialBackoffMs { get; }

    public Flag<int> RetryMaxBackoffMs { get; }

    public Flag<double> RetryBackoffMultiplier { get; }

    public Flag<double> RetryJitterFactor { get; }

    public Flag<bool> DisableRetries { get; }

    public Flag<int> CbFailureThreshold { get; }

    public Flag<int> CbSuccessThreshold { get; }

    public Flag<int> CbTimeoutDurationSecs { get; }

    public Flag<int> CbWindowDurationSecs { get; }

    public Flag<bool> DisableCircuitBreaker { get; }

    public Flag<int> HealthFailureThreshold { get; }

    public Flag<int> HealthSuccessThreshold { get; }

    public Flag<int> HealthCheckTimeoutSecs { get; }

    public Flag<int> HealthCheckIntervalSecs { get; }

    public Flag<string> HealthCheckEndpoint { get; }

    public Flag<int> WorkerStartupTimeoutSecs { get; }

    public Flag<int> WorkerStartupCheckInterval { get; }

    public Flag<string?> ApiKey { get; }

    public Flag<string[]> ApiKeyValidationUrls { get; }

    public Flag<string[]> RequestIdHeaders { get; }

    public Flag<int> PrometheusPort { get; }

    public Flag<string> PrometheusHost { get; }

    public Flag<string> TransparentProxy { get; }

    public Flag<bool> HideEndpoint { get; }

    public Flag<string[]> CorsAllowedOrigins { get; }

    public Flag<bool> TrustClientKvParams { get; }

    public Flag<string> Backend { get; }

    public Flag<string> HistoryBackend { get; }

    public Flag<bool> EnableTrace { get; }

    public Flag<double?> OtelSamplingRatio { get; }

    public HealthOptions Health => new()
    {
        FailureThreshold = HealthFailureThreshold,
        SuccessThreshold = HealthSuccessThreshold,
        Timeout = TimeSpan.FromSeconds(HealthCheckTimeoutSecs),
        Interval = TimeSpan.FromSeconds(HealthCheckIntervalSecs),
        Path = HealthCheckEndpoint,
        ApiKey = ApiKey,
    };

    public RequestPathOptions RequestPath => new()
    {
        Forwarding = new()
        {
            ApiKey = ApiKey,
            HideEndpoint = HideEndpoint,
            RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSecs),
            TrustClientKvParams = TrustClientKvParams,
            PassRoutingHeaders = TrustClientKvParams,
        },
        Retry = new()
        {
            MaxAttempts = DisableRetries ? 1 : RetryMaxRetries,
            InitialBackoff = TimeSpan.FromMilliseconds(RetryInitialBackoffMs),
            MaxBackoff = TimeSpan.FromMilliseconds(RetryMaxBackoffMs),
            Multiplier = RetryBackoffMultiplier,
            Jitter = RetryJitterFactor,
        },
        MaxPayloadBytes = MaxPayloadSize,
        MaxBufferedBytes = MaxBufferedBytes,
        RequestIdHeaders = RequestIdHeaders.Value,
        Admission = new(
            MaxConcurrentRequests,
            RateLimitTokensPerSecond.Value > 0 ? RateLimitTokensPerSecond : MaxConcurrentRequests,
            QueueSize,
            TimeSpan.FromSeconds(QueueTimeoutSecs)),
        Breaker = new(
            DisableCircuitBreaker ? int.MaxValue : CbFailureThreshold,
            CbSuccessThreshold,
            TimeSpan.FromSeconds(CbTimeoutDurationSecs)),
        RankSizes = new(PrefillDataParallelSize, DecodeDataParallelSize, IntraNodeDataParallelSize),
        Policies = CreatePolicies(),
        Disaggregation = new(PdDisaggregation, RankPairing.Value switch
        {
            "same" => LlmdAspire.Router.Disaggregation.RankPairing.Same,
            "engine" => LlmdAspire.Router.Disaggregation.RankPairing.Engine,
            "free" => LlmdAspire.Router.Disaggregation.RankPairing.Free,
            _ => null,
        }),
    };

    public PickerOptions? Picker => Epp.Value is { } url ? new(new Uri(url), EppTimeout, EppFailureMode.Value == "open") : null;

    private Flag<int> AtLeast(string name, int defaultValue, int least, string help, params string[] aliases)
    {
        var flag = Define(name, defaultValue, help, aliases);
        Check(flag, value => value < least ? $"must be at least {least}" : null);
        return flag;
    }

    private Flag<long> AtLeast(string name, long defaultValue, long least, string help)
    {
        var flag = Define(name, defaultValue, help);
        Check(flag, value => value < least ? $"must be at least {least}" : null);
        return flag;
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.AbsolutePath == "/";
}
