namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>The pod that a workload makes.</summary>
public sealed class PodTemplateSpecV1
{
    public ObjectMetaV1 Metadata { get; set; } = new();

    public PodSpecV1 Spec { get; set; } = new();
}

public sealed class PodSpecV1
{
    public string? RuntimeClassName { get; set; }

    public string? ServiceAccountName { get; set; }

    public bool? AutomountServiceAccountToken { get; set; }

    public Dictionary<string, string> NodeSelector { get; } = [];

    public List<ContainerV1> Containers { get; } = [];

    public List<ContainerV1> InitContainers { get; } = [];

    public long? TerminationGracePeriodSeconds { get; set; }

    public List<TolerationV1> Tolerations { get; } = [];

    public List<TopologySpreadConstraintV1> TopologySpreadConstraints { get; } = [];

    public List<VolumeV1> Volumes { get; } = [];

    public PodSecurityContextV1? SecurityContext { get; set; }

    public string? RestartPolicy { get; set; }
}

/// <summary>A node taint that the pod puts up with.</summary>
public sealed class TolerationV1
{
    public string Operator { get; set; } = null!;

    public string Effect { get; set; } = null!;

    public string Key { get; set; } = null!;
}

/// <summary>How evenly pods are spread over nodes or zones.</summary>
public sealed class TopologySpreadConstraintV1
{
    public string? WhenUnsatisfiable { get; set; }

    public LabelSelectorV1 LabelSelector { get; set; } = new();

    public int? MaxSkew { get; set; }

    public string? TopologyKey { get; set; }
}
