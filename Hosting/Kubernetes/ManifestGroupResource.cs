namespace Aspire.Hosting.ApplicationModel;

/// <summary>Kubernetes objects that belong to no workload, as a folder of the published chart.</summary>
/// <remarks>Aspire writes objects of its own only beside a compute resource, so this is a container that is published without its pods. It is never run.</remarks>
public sealed class ManifestGroupResource(string name) : ContainerResource(name);
