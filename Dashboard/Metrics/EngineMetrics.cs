using System.Collections.Frozen;

namespace LlmdAspire.Dashboard.Metrics;

/// <summary>The names this page reads from an engine's <c>/metrics</c>: vLLM's, old spellings included.</summary>
internal static class EngineMetrics
{
    public const string Running = "vllm:num_requests_running";
    public const string Waiting = "vllm:num_requests_waiting";
    public const string KvCacheUsage = "vllm:kv_cache_usage_perc";
    public const string KvCacheUsageBefore011 = "vllm:gpu_cache_usage_perc";
    public const string GenerationTokens = "vllm:generation_tokens_total";
    public const string PromptTokens = "vllm:prompt_tokens_total";
    public const string PrefixQueries = "vllm:prefix_cache_queries_total";
    public const string PrefixHits = "vllm:prefix_cache_hits_total";
    public const string RequestSuccess = "vllm:request_success_total";

    public const string TimeToFirstToken = "vllm:time_to_first_token_seconds";
    public const string InterTokenLatency = "vllm:inter_token_latency_seconds";
    public const string TimePerOutputToken = "vllm:request_time_per_output_token_seconds";

    public static FrozenSet<string> Values { get; } =
    [
        Running, Waiting, KvCacheUsage, KvCacheUsageBefore011, GenerationTokens, PromptTokens, PrefixQueries, PrefixHits, RequestSuccess,
    ];

    public static FrozenSet<string> Histograms { get; } = [TimeToFirstToken, InterTokenLatency, TimePerOutputToken];
}
