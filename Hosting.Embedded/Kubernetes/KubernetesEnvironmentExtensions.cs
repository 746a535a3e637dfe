using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using LlmdAspire.Hosting.Embedded.Publishing;

namespace Aspire.Hosting;

/// <summary>Adds a cluster to publish to.</summary>
public static class KubernetesEnvironmentExtensions
{
    /// <summary>Adds a cluster; all containers and projects of the application are published to it. A run does not see it.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddWhenPublishing(new KubernetesEnvironmentResource(name));
    }

    /// <summary>Names the chart.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithHelm(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<HelmChartOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        configure?.Invoke(builder.Resource.Chart);
        return builder;
    }

    /// <summary>Sets what holds for every published resource.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithProperties(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<KubernetesEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.Resource);
        return builder;
    }

    /// <summary>Says whether the chart has an Aspire dashboard; on unless said otherwise.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithDashboard(this IResourceBuilder<KubernetesEnvironmentResource> builder, bool enabled = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.DashboardEnabled = enabled;
        return builder;
    }

    public static IResourceBuilder<KubernetesNodePoolResource> AddNodePool(this IResourceBuilder<KubernetesEnvironmentResource> builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ApplicationBuilder.AddWhenPublishing(new KubernetesNodePoolResource(name, builder.Resource));
    }

    /// <summary>Binds the resource's pods to a group of nodes.</summary>
    public static IResourceBuilder<T> WithNodePool<T>(this IResourceBuilder<T> builder, IResourceBuilder<KubernetesNodePoolResource> nodePool)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(nodePool);
        return builder.WithAnnotation(new NodePoolAnnotation(nodePool.Resource));
    }

    /// <summary>Adds a resource that only a published application has; a run gets a builder that is part of nothing.</summary>
    internal static IResourceBuilder<T> AddWhenPublishing<T>(this IDistributedApplicationBuilder builder, T resource)
        where T : IResource
        => builder.ExecutionContext.IsPublishMode ? builder.AddResource(resource) : builder.CreateResourceBuilder(resource);
}
