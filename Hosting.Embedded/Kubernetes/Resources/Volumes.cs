namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A volume of a pod; one of the sources is set.</summary>
public sealed class VolumeV1
{
    public string Name { get; set; } = null!;

    public HostPathVolumeSourceV1? HostPath { get; set; }

    public PersistentVolumeClaimVolumeSourceV1? PersistentVolumeClaim { get; set; }

    public ConfigMapVolumeSourceV1? ConfigMap { get; set; }

    public EmptyDirVolumeSourceV1? EmptyDir { get; set; }
}

public sealed class VolumeMountV1
{
    public string Name { get; set; } = null!;

    public string MountPath { get; set; } = null!;

    public bool? ReadOnly { get; set; }
}

public sealed class HostPathVolumeSourceV1
{
    public string Type { get; set; } = null!;

    public string Path { get; set; } = null!;
}

public sealed class PersistentVolumeClaimVolumeSourceV1
{
    public string ClaimName { get; set; } = null!;
}

public sealed class ConfigMapVolumeSourceV1
{
    public string Name { get; set; } = null!;
}

/// <summary>A folder that lives as long as the pod; <c>Memory</c> puts it into RAM.</summary>
public sealed class EmptyDirVolumeSourceV1
{
    public string? Medium { get; set; }

    public string? SizeLimit { get; set; }
}

/// <summary>A claim for storage that outlives the pod.</summary>
public sealed class PersistentVolumeClaim() : BaseKubernetesResource("v1", "PersistentVolumeClaim")
{
    public PersistentVolumeClaimSpecV1 Spec { get; set; } = new();
}

public sealed class PersistentVolumeClaimSpecV1
{
    public string StorageClassName { get; set; } = null!;

    public List<string> AccessModes { get; } = [];

    public VolumeResourceRequirementsV1 Resources { get; set; } = new();
}

public sealed class VolumeResourceRequirementsV1
{
    public Dictionary<string, string> Requests { get; } = [];
}
