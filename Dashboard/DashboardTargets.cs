namespace LlmdAspire.Dashboard;

/// <summary>What this page looks at, and how often.</summary>
/// <param name="AdminKey">Sent to the Router, which keeps its admin paths from callers on other machines.</param>
internal sealed record DashboardTargets(
    Uri Router, Uri? EppMetrics, Uri? KvIndexer, Uri? AspireDashboard, string? AdminKey, TimeSpan Refresh);
