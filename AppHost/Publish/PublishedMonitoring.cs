using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Tells Prometheus what to scrape.</summary>
internal static class PublishedMonitoring
{
    private const string Path = "/metrics";

    public static void AddMonitoring(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        var engines = new PodMonitor { Metadata = { Name = plan.Names.ModelService } };
        foreach (var (key, value) in EngineLabels.OfPool(plan.Names))
        {
            engines.Spec.Selector.MatchLabels[key] = value;
        }

        // The engine's own port: the sidecar has metrics of its own.
        engines.Spec.PodMetricsEndpoints.Add(new("http", Path, "30s"));

        var front = plan.Front == FrontKind.Epp
            ? ServiceMonitorOf(plan.Names.Picker, PublishedPicker.MetricsPortName)
            : ServiceMonitorOf(plan.Names.Router, PublishedRouter.PortName);
        builder.AddManifests("monitoring", engines, front);
    }

    private static ServiceMonitor ServiceMonitorOf(string service, string port)
    {
        var monitor = new ServiceMonitor { Metadata = { Name = service } };
        monitor.Spec.Selector.MatchLabels[PublishedPicker.ServiceLabel] = service;
        monitor.Spec.Endpoints.Add(new(port, Path, "10s"));
        return monitor;
    }
}
