using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>A change to the resource's Kubernetes objects.</summary>
internal sealed record CustomizationAnnotation(Action<KubernetesResource> Configure) : IResourceAnnotation;

/// <summary>The nodes that the resource's pods are bound to.</summary>
internal sealed record NodePoolAnnotation(KubernetesNodePoolResource Pool) : IResourceAnnotation;
