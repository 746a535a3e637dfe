using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Pods that Prometheus scrapes.</summary>
public sealed class PodMonitor() : BaseKubernetesResource("monitoring.coreos.com/v1", "PodMonitor")
{
    public PodMonitorSpec Spec { get; } = new();
}

/// <summary>Which pods, and where.</summary>
public sealed class PodMonitorSpec
{
    public LabelSelectorV1 Selector { get; } = new();

    public List<MetricsEndpoint> PodMetricsEndpoints { get; } = [];
}

/// <summary>A page of metrics.</summary>
/// <param name="port">The port's name.</param>
/// <param name="path">Usually <c>/metrics</c>.</param>
/// <param name="interval">For example <c>30s</c>.</param>
public sealed class MetricsEndpoint(string port, string path, string interval)
{
    public string Port { get; } = port;

    public string Path { get; } = path;

    public string Interval { get; } = interval;
}
