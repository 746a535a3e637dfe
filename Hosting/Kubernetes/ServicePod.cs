using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>What the pods of one of this stack's services need in a cluster.</summary>
public sealed record ServicePod
{
    /// <summary>Name of the Deployment.</summary>
    public required string Name { get; init; }

    public required string CpuRequest { get; init; }

    public required string MemoryRequest { get; init; }

    public required string MemoryLimit { get; init; }

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
        deployment.Metadata.Name = Name;
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
        container.Resources = new() { Requests = { ["cpu"] = CpuRequest, ["memory"] = MemoryRequest }, Limits = { ["memory"] = MemoryLimit } };
        container.LivenessProbe = Liveness;
        container.ReadinessProbe = Readiness;
        if (ConfigMap is not null)
        {
            spec.Volumes.Add(new() { Name = "config", ConfigMap = new() { Name = ConfigMap } });
            container.VolumeMounts.Add(new() { Name = "config", MountPath = ConfigFolder, ReadOnly = true });
        }

        ServiceManifest.Restrict(spec, container);
    }
}
