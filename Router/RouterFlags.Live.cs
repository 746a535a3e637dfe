using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    // What is not listed here or below needs a restart: where to listen, what the router is, and what is built once.
    private Flag[] Changeable =>
    [
        WorkerUrls, Prefill, Decode, RankPairing,
        MaxPayloadSize, RequestTimeoutSecs, MaxConcurrentRequests, QueueSize, QueueTimeoutSecs, RateLimitTokensPerSecond,
        RetryMaxRetries, RetryInitialBackoffMs, RetryMaxBackoffMs, RetryBackoffMultiplier, RetryJitterFactor, DisableRetries,
        CbFailureThreshold, CbSuccessThreshold, CbTimeoutDurationSecs, CbWindowDurationSecs, DisableCircuitBreaker,
        HealthFailureThreshold, HealthSuccessThreshold, HealthCheckTimeoutSecs, HealthCheckIntervalSecs, HealthCheckEndpoint,
        WorkerStartupTimeoutSecs, WorkerStartupCheckInterval,
        ApiKey, ApiKeyValidationUrls, RequestIdHeaders, TransparentProxy, HideEndpoint, CorsAllowedOrigins, TrustClientKvParams,
    ];

    // A change of one of them makes new policies, which begin without what the old ones have learned.
    private Flag[] OfPolicies => [Policy, PrefillPolicy, DecodePolicy, CacheThreshold, BalanceAbsThreshold, BalanceRelThreshold, EvictionInterval, MaxTreeSize];

    /// <summary>Whether a flag decides which policies there are and how they choose.</summary>
    public bool DecidesPolicies(Flag flag) => Array.IndexOf(OfPolicies, flag) >= 0;

    protected override bool CanChange(Flag flag) => DecidesPolicies(flag) || Array.IndexOf(Changeable, flag) >= 0;
}
