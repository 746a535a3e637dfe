using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Tells Prometheus what to scrape and to watch over, and Grafana what to show.</summary>
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

        builder.AddManifests("monitoring", [engines, GrafanaDashboard.Of(plan), PublishedAlerts.Of(plan), .. Services(plan).Select(service => ServiceMonitorOf(service.Name, service.Port))]);
    }

    private static IEnumerable<(string Name, string Port)> Services(ClusterPlan plan)
    {
        if (plan.Front == FrontKind.Epp)
        {
            yield return (plan.Names.Picker, PublishedPicker.MetricsPortName);
        }

        if (plan.HasRouter)
        {
            yield return (plan.Names.Router, PublishedRouter.PortName);
        }

        if (plan.HasKvIndexer)
        {
            yield return (plan.Names.KvIndexer, PublishedKvIndexer.PortName);
        }
    }

    private static ServiceMonitor ServiceMonitorOf(string service, string port)
    {
        var monitor = new ServiceMonitor { Metadata = { Name = service } };
        monitor.Spec.Selector.MatchLabels[PublishedServices.Label] = service;
        monitor.Spec.Endpoints.Add(new(port, Path, "10s"));
        return monitor;
    }
}
