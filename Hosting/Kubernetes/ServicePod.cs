using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>What the pods of one of this stack's services need in a cluster.</summary>
public sealed record ServicePod
{
    /// <summary>Name of the Deployment; null leaves it to Aspire.</summary>
    public string? Name { get; init; }

    /// <summary>What a pod is given at least; null asks for nothing.</summary>
    public string? CpuRequest { get; init; }

    /// <summary>What a pod is given at least; null asks for nothing.</summary>
    public string? MemoryRequest { get; init; }

    /// <summary>What a pod may take at most; null sets no limit.</summary>
    public string? MemoryLimit { get; init; }

    /// <summary>Whom the pods act for towards the API server; null gives them no token.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Ends the old pod before a new one starts, for a service of which there must never be two.</summary>
    public bool ReplacesItself { get; init; }

    /// <summary>What may still be answered after the pod was told to end.</summary>
    public int GraceSeconds { get; init; } = 40;

    /// <summary>A ConfigMap mounted at <see cref="ConfigFolder"/>.</summary>
    public string? ConfigMap { get; init; }

    public const string ConfigFolder = "/config";

    public ProbeV1? Liveness { get; init; }

    public ProbeV1? Readiness { get; init; }

    internal void ApplyTo(KubernetesResource service)
    {
        var deployment = (Deployment)service.Workload!;
        deployment.Metadata.Name = Name ?? deployment.Metadata.Name;
        if (ReplacesItself)
        {
            // A strategy is made with rolling-update numbers in it, which the API server refuses beside Recreate.
            deployment.Spec.Strategy = new() { Type = "Recreate", RollingUpdate = null! };
        }
        else
        {
            deployment.Spec.Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = 1, MaxUnavailable = 0 } };
        }

        var spec = deployment.Spec.Template.Spec;
        spec.TerminationGracePeriodSeconds = GraceSeconds;
        spec.ServiceAccountName = ServiceAccount;
        spec.AutomountServiceAccountToken = ServiceAccount is not null;
        spec.SecurityContext = new() { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } };

        var container = spec.Containers[0];
        container.Resources = Resources();
        container.LivenessProbe = Liveness;
        container.ReadinessProbe = Readiness;
        if (ConfigMap is not null)
        {
            spec.Volumes.Add(new() { Name = "config", ConfigMap = new() { Name = ConfigMap } });
            container.VolumeMounts.Add(new() { Name = "config", MountPath = ConfigFolder, ReadOnly = true });
        }

        ServiceManifest.Restrict(spec, container);
    }

    private ResourceRequirementsV1? Resources()
    {
        var resources = new ResourceRequirementsV1();
        Set(resources.Requests, "cpu", CpuRequest);
        Set(resources.Requests, "memory", MemoryRequest);
        Set(resources.Limits, "memory", MemoryLimit);
        return resources.Requests.Count + resources.Limits.Count > 0 ? resources : null;

        static void Set(Dictionary<string, string> quantities, string name, string? quantity)
        {
            if (quantity is not null)
            {
                quantities[name] = quantity;
            }
        }
    }
}
