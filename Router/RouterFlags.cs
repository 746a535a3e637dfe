using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router;

/// <summary>The router's command line: vllm-router's spellings and defaults, and what this router adds.</summary>
internal sealed class RouterFlags : ServiceFlags
{
    public RouterFlags()
        : base("router", "OpenAI-compatible front of a pool of vLLM engines.", 30000)
    {
        WorkerUrls = Define<string[]>("worker-urls", [], "Engines to send to, http://HOST:PORT, optionally with @RANK; empty starts without any.");
        Policy = Define("policy", "round_robin", $"How an engine is chosen: {PolicyCatalog.Names}.");
        Check(Policy, name => PolicyCatalog.Knows(name) ? null : $"must be one of {PolicyCatalog.Names}");

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
        RequestIdHeaders = Define<string[]>("request-id-headers", ["x-request-id", "x-correlation-id", "x-trace-id", "request-id"], "Headers in which clients send request ids.");
        PrometheusPort = DefinePort("prometheus-port", 29000, "Port of /metrics besides the main one; 0 for none.");
        PrometheusHost = Define("prometheus-host", "127.0.0.1", "Address of the metrics port.");
        TransparentProxy = Define("transparent-proxy", "on", "on forwards unknown paths to an engine, off answers 404.");
        Check(TransparentProxy, value => value is "on" or "off" ? null : "must be on or off");
        HideEndpoint = Define("hide-endpoint", false, "No x-llmd-endpoint in answers.");
        CorsAllowedOrigins = Define<string[]>("cors-allowed-origins", [], "Origins of browsers that may call; empty allows any. Admin paths are never allowed.");
        TrustClientKvParams = Define("trust-client-kv-params", false, "Let clients send kv_transfer_params and routing headers, which name hosts to fetch from.");
    }

    public Flag<string[]> WorkerUrls { get; }

    public Flag<string> Policy { get; }

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

    public Flag<string[]> RequestIdHeaders { get; }

    public Flag<int> PrometheusPort { get; }

    public Flag<string> PrometheusHost { get; }

    public Flag<string> TransparentProxy { get; }

    public Flag<bool> HideEndpoint { get; }

    public Flag<string[]> CorsAllowedOrigins { get; }

    public Flag<bool> TrustClientKvParams { get; }

    /// <summary>The workers to begin with, each once.</summary>
    public IEnumerable<EndpointId> Workers
    {
        get
        {
            foreach (var url in WorkerUrls.Value.Where(url => !string.IsNullOrWhiteSpace(url)))
            {
                if (EndpointId.TryParse(url, out var id, out _))
                {
                    yield return id;
                }
            }
        }
    }

    public AdmissionOptions Admission => new(
        MaxConcurrentRequests,
        RateLimitTokensPerSecond.Value > 0 ? RateLimitTokensPerSecond : MaxConcurrentRequests,
        QueueSize,
        TimeSpan.FromSeconds(QueueTimeoutSecs));

    public RetryOptions Retry => new()
    {
        MaxAttempts = DisableRetries ? 1 : RetryMaxRetries,
        InitialBackoff = TimeSpan.FromMilliseconds(RetryInitialBackoffMs),
        MaxBackoff = TimeSpan.FromMilliseconds(RetryMaxBackoffMs),
        Multiplier = RetryBackoffMultiplier,
        Jitter = RetryJitterFactor,
    };

    public BreakerOptions Breaker => new(
        DisableCircuitBreaker ? int.MaxValue : CbFailureThreshold,
        CbSuccessThreshold,
        TimeSpan.FromSeconds(CbTimeoutDurationSecs));

    public HealthOptions Health => new()
    {
        FailureThreshold = HealthFailureThreshold,
        SuccessThreshold = HealthSuccessThreshold,
        Timeout = TimeSpan.FromSeconds(HealthCheckTimeoutSecs),
        Interval = TimeSpan.FromSeconds(HealthCheckIntervalSecs),
        Path = HealthCheckEndpoint,
        ApiKey = ApiKey,
    };

    public ForwardingOptions Forwarding => new()
    {
        ApiKey = ApiKey,
        HideEndpoint = HideEndpoint,
        RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSecs),
        TrustClientKvParams = TrustClientKvParams,
    };

    protected override IEnumerable<string> FindMistakes()
    {
        foreach (var url in WorkerUrls.Value.Where(url => !string.IsNullOrWhiteSpace(url)))
        {
            if (!EndpointId.TryParse(url, out _, out var mistake))
            {
                yield return $"--worker-urls: '{url}' {mistake}.";
            }
        }

        foreach (var twice in Workers.GroupBy(id => id).Where(group => group.Count() > 1))
        {
            yield return $"--worker-urls: '{twice.Key}' is given {twice.Count()} times; give each worker once.";
        }
    }

    private Flag<int> AtLeast(string name, int defaultValue, int least, string help)
    {
        var flag = Define(name, defaultValue, help);
        Check(flag, value => value < least ? $"must be at least {least}" : null);
        return flag;
    }

    private Flag<long> AtLeast(string name, long defaultValue, long least, string help)
    {
        var flag = Define(name, defaultValue, help);
        Check(flag, value => value < least ? $"must be at least {least}" : null);
        return flag;
    }
}
