using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What one resource of the model becomes in the cluster; callbacks of <c>PublishAsKubernetesService</c> change it before it is written.</summary>
public class KubernetesResource(string name, IResource resource, KubernetesEnvironmentResource kubernetesEnvironmentResource)
    : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    public KubernetesEnvironmentResource Parent => kubernetesEnvironmentResource;

    /// <summary>Null leaves the pods out.</summary>
    public Workload? Workload { get; set; }

    /// <summary>The plain environment variables; null when there are none.</summary>
    public ConfigMap? ConfigMap { get; set; }

    /// <summary>The environment variables that touch a secret parameter; null when there are none.</summary>
    public Secret? Secret { get; set; }

    /// <summary>Null when the resource has no endpoint.</summary>
    public Service? Service { get; set; }

    /// <summary>Objects of any kind, written beside the others.</summary>
    public List<BaseKubernetesResource> AdditionalResources { get; } = [];

    /// <summary>The resource of the model.</summary>
    internal IResource Target => resource;
}
