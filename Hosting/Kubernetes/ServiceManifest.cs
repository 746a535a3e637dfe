using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>What this stack's own services need of a pod: no root, no capabilities, nothing to write but <c>/tmp</c>.</summary>
public static class ServiceManifest
{
    private const string TemporaryVolume = "tmp";

    /// <summary>Takes from a container what a service does not use.</summary>
    public static void Restrict(PodSpecV1 pod, ContainerV1 container)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(container);

        container.SecurityContext = new()
        {
            RunAsNonRoot = true,
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new() { Drop = { "ALL" } },
        };
        container.VolumeMounts.Add(new() { Name = TemporaryVolume, MountPath = "/tmp" });
        if (pod.Volumes.TrueForAll(volume => volume.Name != TemporaryVolume))
        {
            pod.Volumes.Add(new() { Name = TemporaryVolume, EmptyDir = new() });
        }
    }
}
