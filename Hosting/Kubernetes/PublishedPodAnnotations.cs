using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The pods that an engine is published as; the last one counts.</summary>
internal sealed record EnginePodAnnotation(EnginePod Pod, RoutingSidecar? Sidecar = null) : IResourceAnnotation;

/// <summary>The pods that a service is published as; the last one counts.</summary>
internal sealed record ServicePodAnnotation(ServicePod Pod) : IResourceAnnotation;
