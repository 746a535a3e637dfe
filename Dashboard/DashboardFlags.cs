using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Dashboard;

/// <summary>The Dashboard's command line.</summary>
internal sealed class DashboardFlags : ServiceFlags
{
    public DashboardFlags()
        : base("dashboard", "The web page of the stack: engines, latencies, recent requests and why each went where it went.", 18080)
    {
        Router = Define("router", "http://127.0.0.1:30000", "Base URL of the Router.");
        EppMetrics = Define<string?>("epp-metrics", null, "URL of the endpoint picker's metrics.");
        KvIndexer = Define<string?>("kv-indexer", null, "Base URL of the KvIndexer.");
        AspireDashboard = Define<string?>("aspire-dashboard", null, "URL of the Aspire dashboard, to link to.");
        Refresh = DefineDuration("refresh", TimeSpan.FromSeconds(1), "How often the page looks at its sources while someone watches.");

        Check(Router, MistakeInUrl);
        Check(EppMetrics, MistakeInUrl);
        Check(KvIndexer, MistakeInUrl);
        Check(AspireDashboard, MistakeInUrl);
        Check(Refresh, refresh => refresh < TimeSpan.FromMilliseconds(50) || refresh > TimeSpan.FromMinutes(1)
            ? "must be from 50ms to 1m"
            : null);
    }

    public Flag<string> Router { get; }

    public Flag<string?> EppMetrics { get; }

    public Flag<string?> KvIndexer { get; }

    public Flag<string?> AspireDashboard { get; }

    public Flag<TimeSpan> Refresh { get; }

    public DashboardTargets Targets => new(
        new Uri(Router.Value), ToUri(EppMetrics), ToUri(KvIndexer), ToUri(AspireDashboard), AdminKey.Value, Refresh.Value);

    private static Uri? ToUri(Flag<string?> flag) => flag.Value is { } url ? new Uri(url) : null;

    private static string? MistakeInUrl(string? text) =>
        text is null || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
            ? null
            : "must be an http or https URL, for example http://127.0.0.1:30000";
}
