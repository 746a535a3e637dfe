using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Services that Prometheus scrapes.</summary>
public sealed class ServiceMonitor() : BaseKubernetesResource("monitoring.coreos.com/v1", "ServiceMonitor")
{
    public ServiceMonitorSpec Spec { get; } = new();
}

/// <summary>Which Services, and where.</summary>
public sealed class ServiceMonitorSpec
{
    public LabelSelectorV1 Selector { get; } = new();

    public List<MetricsEndpoint> Endpoints { get; } = [];
}
