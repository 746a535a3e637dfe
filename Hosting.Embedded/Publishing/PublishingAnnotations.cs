using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The nodes that the resource's pods are bound to.</summary>
internal sealed record NodePoolAnnotation(KubernetesNodePoolResource Pool) : IResourceAnnotation;
