using Aspire.Hosting.Kubernetes;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The content of <c>Chart.yaml</c>, in the order in which real Aspire writes it.</summary>
internal sealed class HelmChart(string defaultName, HelmChartOptions options)
{
    public string ApiVersion { get; } = "v2";

    public string Name { get; } = options.Name ?? ChartName.Of(defaultName);

    public string Version { get; } = options.Version;

    public string KubeVersion { get; } = ">= 1.18.0-0";

    public string Description { get; } = "Aspire Helm Chart";

    public string Type { get; } = "application";

    public IReadOnlyList<string> Keywords { get; } = ["aspire", "kubernetes"];

    public string AppVersion { get; } = options.Version;

    public bool Deprecated { get; }
}
