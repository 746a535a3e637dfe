using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A cluster that the application is published to, as one Helm chart.</summary>
public sealed class KubernetesEnvironmentResource(string name) : Resource(name)
{
    /// <summary>A dashboard beside the application in the cluster. Not written here: publishing with it on is refused.</summary>
    public bool DashboardEnabled { get; set; } = true;

    /// <summary>What a volume of the model becomes: <c>emptyDir</c>, <c>hostPath</c> or <c>pvc</c>.</summary>
    public string DefaultStorageType { get; set; } = "emptyDir";

    /// <summary>Storage class of claims; the cluster's default when null.</summary>
    public string? DefaultStorageClassName { get; set; }

    public string DefaultStorageSize { get; set; } = "1Gi";

    public string DefaultStorageReadWritePolicy { get; set; } = "ReadWriteOnce";

    public string DefaultImagePullPolicy { get; set; } = "IfNotPresent";

    public string DefaultServiceType { get; set; } = "ClusterIP";

    internal HelmChartOptions Chart { get; } = new();
}
