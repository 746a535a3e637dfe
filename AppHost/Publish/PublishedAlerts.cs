using System.Globalization;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>What Prometheus watches over: engines, and what stands in front of them.</summary>
/// <remarks>Texts hold no templates of Prometheus, whose braces Helm would take for its own; Alertmanager shows the labels beside them.</remarks>
internal static class PublishedAlerts
{
    private const string TimeToFirstToken = "llmd:time_to_first_token_seconds:p99_5m";
    private const string TimePerOutputToken = "llmd:time_per_output_token_seconds:p99_5m";
    private const string PrefixHitRatio = "llmd:prefix_cache_hits:ratio_5m";

    private const string Warning = "warning";
    private const string Critical = "critical";

    public static PrometheusRule Of(ClusterPlan plan)
    {
        var rule = new PrometheusRule { Metadata = { Name = $"{plan.Names.ModelService}-alerts" } };
        rule.Spec.Groups.Add(new($"{plan.Names.ModelService}-records", Records(MetricSelectors.Engines(plan))));
        rule.Spec.Groups.Add(new(plan.Names.ModelService, Engines(plan, MetricSelectors.Engines(plan))));
        if (plan.Front == FrontKind.Epp)
        {
            rule.Spec.Groups.Add(new(plan.Names.Picker, Picker(MetricSelectors.Service(plan.Names.Picker))));
        }

        if (plan.HasKvIndexer)
        {
            rule.Spec.Groups.Add(new(plan.Names.KvIndexer, Index(MetricSelectors.Service(plan.Names.KvIndexer), MetricSelectors.Service(plan.Names.Picker))));
        }

        if (plan.HasRouter)
        {
            rule.Spec.Groups.Add(new(plan.Names.Router, Router(plan, MetricSelectors.Service(plan.Names.Router))));
        }

        return rule;
    }

    private static IEnumerable<Rule> Records(string engines) =>
    [
        Rule.Recording(TimeToFirstToken, Quantile99("vllm:time_to_first_token_seconds", engines)),
        Rule.Recording(TimePerOutputToken, Quantile99("vllm:request_time_per_output_token_seconds", engines)),
        // Nothing while nobody asks: a ratio of nothing would spoil the means that it is compared with.
        Rule.Recording(PrefixHitRatio, $"{Rate("vllm:prefix_cache_hits_total", engines)} / ({Rate("vllm:prefix_cache_queries_total", engines)} > 0)"),
    ];

    private static IEnumerable<Rule> Engines(ClusterPlan plan, string engines)
    {
        yield return Away("LlmdNoEngine", Critical, "2m", engines, "No engine answers.", "Every engine is away, or still loads its model: kubectl get pods -l llm-d.ai/inference-serving=true.");
        yield return Rule.Alerting(
            "LlmdEngineAway", Warning, "10m", $"up{engines} == 0", "An engine does not answer.", "It restarts, or has been loading its model for ten minutes: kubectl describe pod, kubectl logs.");
        yield return Rule.Alerting(
            "LlmdTimeToFirstTokenHigh", Warning, "10m", $"{TimeToFirstToken}{engines} > {Number(plan.AlertTimeToFirstToken)}",
            "Engines take long to the first token (99th percentile).", "Too few engines for the prompts that come, or prompts that miss every cache: compare waiting requests and the prefix hit ratio.");
        yield return Rule.Alerting(
            "LlmdRequestsWaiting", Warning, "10m", $"avg by (job) (vllm:num_requests_waiting{engines}) > {plan.Autoscaling.TargetQueue}",
            "Requests queue up in the engines.", "There are too few engines for the load, or it is spread badly: more replicas, autoscaling, the picker's decisions.");
        yield return Rule.Alerting(
            "LlmdKvCacheFull", Warning, "10m", $"max by (job, pod) (vllm:kv_cache_usage_perc{engines}) > 0.95",
            "The KV cache of an engine is full.", "Running requests are preempted and computed again: fewer at a time, shorter ones, or more engines.");
        yield return Rule.Alerting(
            "LlmdPrefixHitRatioDropped", Warning, "30m", $"({PrefixHitRatio}{engines} < 0.5 * avg_over_time({PrefixHitRatio}{engines}[1d])) and (avg_over_time({PrefixHitRatio}{engines}[1d]) > 0.2)",
            "Prompts meet half as many cached tokens as the day before.", "Engines restarted, the load changed, or requests no longer go where their prefix is: see the picker's decisions.");
        if (plan.Prefill is not null)
        {
            yield return Rule.Alerting(
                "LlmdKvTransfersFail", Warning, "10m", $"{Rate("vllm:nixl_num_failed_transfers_total", engines)} > 0",
                "KV transfers between engines fail.", "Decode engines compute prompts again, or requests fail: check the network, RDMA devices and NetworkPolicies.");
        }
    }

    private static IEnumerable<Rule> Picker(string picker) =>
    [
        Away("LlmdPickerAway", Critical, "2m", picker, "The endpoint picker does not answer.", "Requests go to any engine, whatever it holds, or are refused: kubectl describe pod, kubectl logs."),
        Rule.Alerting(
            "LlmdNoReadyEndpoint", Critical, "1m", $"max by (job) (llm_d_epp_ready_endpoints{picker}) == 0",
            "The picker knows no engine that answers.", "Engines are away, or their labels do not match the pool: kubectl get pods -l llm-d.ai/inference-serving=true."),
        Rule.Alerting(
            "LlmdPicksFail", Warning, "5m", $"{Rate("llm_d_epp_scheduler_attempts_total", picker, "status=\"failure\"")} > 0.05 * {Rate("llm_d_epp_scheduler_attempts_total", picker)}",
            "The picker finds no engine for one request in twenty.", "Filters leave nobody, for want of engines of a role or of room: see /debug/decisions of the picker."),
    ];

    private static IEnumerable<Rule> Index(string index, string picker) =>
    [
        Away("LlmdKvIndexerAway", Warning, "5m", index, "The KV indexer does not answer.", "Pickers go by what they remember of their own picks: fewer cache hits, no errors."),
        Rule.Alerting(
            "LlmdKvIndexerDegraded", Warning, "10m", $"{Rate("llmd_epp_indexer_fallback_total", picker)} > 0.2 * {Rate("llm_d_epp_scheduler_attempts_total", picker)}",
            "The picker does without the KV indexer for one request in five.", "It is late, away or busy; the label reason of llmd_epp_indexer_fallback_total says which."),
        Rule.Alerting(
            "LlmdKvEventsLost", Warning, "15m", $"sum by (job) (increase(llmd_kvindexer_gaps_total{index}[15m])) > 0",
            "KV events of engines get lost.", "What the index says of these engines is out of date until it has asked again: it lacks CPU, or the network does."),
    ];

    private static IEnumerable<Rule> Router(ClusterPlan plan, string router)
    {
        yield return Away("LlmdRouterAway", Critical, "2m", router, "The router does not answer.", "Nobody is served: kubectl describe pod, kubectl logs.");
        // Behind a picker it has no workers of its own.
        if (plan.Front == FrontKind.Router)
        {
            yield return Rule.Alerting(
                "LlmdNoHealthyWorker", Critical, "1m", $"max by (job) (vllm_router_active_workers{router}) == 0",
                "The router knows no engine that answers.", "Engines are away, or still load their model.");
        }
    }

    private static Rule Away(string name, string severity, string duration, string selector, string summary, string description) =>
        Rule.Alerting(name, severity, duration, $"sum by (job) (up{selector}) == 0 or absent(up{selector})", summary, description);

    private static string Rate(string counter, string selector, string? more = null) =>
        $"sum by (job) (rate({counter}{(more is null ? selector : $"{selector[..^1]},{more}}}")}[5m]))";

    private static string Quantile99(string histogram, string selector) => $"histogram_quantile(0.99, sum by (job, le) (rate({histogram}_bucket{selector}[5m])))";

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
