using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using LlmdAspire.Hosting.Embedded.Publishing;

namespace Aspire.Hosting;

/// <summary>Changes what a resource becomes in a cluster.</summary>
public static class KubernetesServiceExtensions
{
    /// <summary>Calls back with the resource's Kubernetes objects just before they are written; callbacks run in order. A run never calls.</summary>
    public static IResourceBuilder<T> PublishAsKubernetesService<T>(this IResourceBuilder<T> builder, Action<KubernetesResource> configure)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? builder.WithAnnotation(new KubernetesServiceCustomizationAnnotation(configure)) : builder;
    }
}
