using System.Collections.Frozen;

namespace LlmdAspire.Dashboard.Metrics;

/// <summary>The names this page reads from the Router's <c>/metrics</c>: vllm-router's.</summary>
internal static class RouterMetrics
{
    public const string Requests = "vllm_router_requests_total";
    public const string Errors = "vllm_router_request_errors_total";
    public const string Retries = "vllm_router_retries_total";

    public static FrozenSet<string> Values { get; } = [Requests, Errors, Retries];

    public static FrozenSet<string> Histograms { get; } = [];
}
