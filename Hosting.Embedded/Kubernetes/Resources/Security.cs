namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>What a container may do.</summary>
public sealed class SecurityContextV1
{
    public bool? ReadOnlyRootFilesystem { get; set; }

    public bool? AllowPrivilegeEscalation { get; set; }

    public long? RunAsUser { get; set; }

    public CapabilitiesV1? Capabilities { get; set; }

    public bool? RunAsNonRoot { get; set; }
}

public sealed class CapabilitiesV1
{
    public List<string> Add { get; } = [];

    public List<string> Drop { get; } = [];
}

/// <summary>Whom a pod runs as.</summary>
public sealed class PodSecurityContextV1
{
    public SeccompProfileV1? SeccompProfile { get; set; }

    public bool? RunAsNonRoot { get; set; }
}

public sealed class SeccompProfileV1
{
    public string Type { get; set; } = null!;
}
