using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.AppHost.Publish;

/// <summary>A Grafana dashboard in a ConfigMap, where Grafana's sidecar finds it by its label.</summary>
internal static class GrafanaDashboard
{
    private const int PanelWidth = 12;
    private const int PanelHeight = 8;

    // Indented, so that two braces never meet: Helm would take them for its own.
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Panel[] s_engines =
    [
        new("KV cache hit rate", "percentunit", "sum(rate(vllm:prefix_cache_hits_total[5m])) / sum(rate(vllm:prefix_cache_queries_total[5m]))"),
        new("Time to first token (p50, p95)", "s", Quantile(0.5m, "vllm:time_to_first_token_seconds"), Quantile(0.95m, "vllm:time_to_first_token_seconds")),
        new("Time per output token (p50, p95)", "s", Quantile(0.5m, "vllm:request_time_per_output_token_seconds"), Quantile(0.95m, "vllm:request_time_per_output_token_seconds")),
        new("Requests waiting and running", "short", "sum(vllm:num_requests_waiting)", "sum(vllm:num_requests_running)"),
        new("KV cache use, fullest engine", "percentunit", "max(vllm:kv_cache_usage_perc)"),
        new("Tokens per second (prompt, generated)", "short", "sum(rate(vllm:prompt_tokens_total[5m]))", "sum(rate(vllm:generation_tokens_total[5m]))"),
    ];

    private static readonly Panel[] s_picker =
    [
        new("Prefill and decode apart", "short", "sum by (decision_type) (rate(llm_d_epp_disagg_decision_total[5m]))"),
        new("Picks per second, and refused", "short", "sum(rate(llm_d_epp_request_total[5m]))", "sum(rate(llm_d_epp_request_error_total[5m]))"),
        new("Time to decide (p50, p99)", "s", Quantile(0.5m, "llmd_epp_decision_duration_seconds"), Quantile(0.99m, "llmd_epp_decision_duration_seconds")),
        new("Picks without the index, by reason", "short", "sum by (reason) (rate(llmd_epp_indexer_fallback_total[5m]))"),
    ];

    public static ConfigMap Of(ClusterPlan plan)
    {
        Panel[] panels = plan.Front == FrontKind.Epp ? [.. s_engines, .. s_picker] : s_engines;
        var dashboard = new
        {
            uid = plan.Names.ModelService,
            title = $"llm-d: {plan.Names.ModelService}",
            schemaVersion = 39,
            refresh = "10s",
            time = new { from = "now-30m", to = "now" },
            panels = panels.Select((panel, index) => new
            {
                id = index + 1,
                type = "timeseries",
                title = panel.Title,
                gridPos = new { x = index % 2 * PanelWidth, y = index / 2 * PanelHeight, w = PanelWidth, h = PanelHeight },
                fieldConfig = new { defaults = new { unit = panel.Unit } },
                targets = panel.Queries.Select((query, target) => new { refId = ((char)('A' + target)).ToString(), expr = query, legendFormat = "__auto" }),
            }),
        };
        return new ConfigMap
        {
            Metadata = { Name = $"{plan.Names.ModelService}-dashboard", Labels = { ["grafana_dashboard"] = "1" } },
            Data = { [$"{plan.Names.ModelService}.json"] = JsonSerializer.Serialize(dashboard, s_json) + "\n" },
        };
    }

    private static string Quantile(decimal quantile, string histogram) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"histogram_quantile({quantile}, sum by (le) (rate({histogram}_bucket[5m])))");

    private sealed record Panel(string Title, string Unit, params string[] Queries);
}
