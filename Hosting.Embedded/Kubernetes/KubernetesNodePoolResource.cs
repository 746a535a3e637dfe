using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A group of nodes that pods can be bound to, by a label that carries its name.</summary>
public class KubernetesNodePoolResource(string name, KubernetesEnvironmentResource environment) : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    public KubernetesEnvironmentResource Parent { get; } = environment;

    /// <summary>The label's key.</summary>
    public string NodeSelectorLabelKey { get; init; } = "agentpool";
}
