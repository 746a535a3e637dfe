using LlmdAspire.Hosting.Embedded.Publishing;

namespace Aspire.Hosting.Kubernetes;

/// <summary>Name and version of the chart, and where it is meant to be installed.</summary>
public sealed class HelmChartOptions
{
    internal HelmChartOptions()
    {
    }

    /// <summary>Null for the application's name.</summary>
    internal string? Name { get; private set; }

    internal string Version { get; private set; } = "0.1.0";

    public HelmChartOptions WithChartName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = ChartName.Check(name);
        return this;
    }

    /// <summary>Sets the version of the chart and of what it installs.</summary>
    public HelmChartOptions WithChartVersion(string version)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        Version = version;
        return this;
    }

    /// <summary>Namespace of a deployment; a chart is installed into any.</summary>
    public HelmChartOptions WithNamespace(string @namespace)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(@namespace);
        return this;
    }

    /// <summary>Release name of a deployment; a chart is installed under any.</summary>
    public HelmChartOptions WithReleaseName(string releaseName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(releaseName);
        return this;
    }
}
