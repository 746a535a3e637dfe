using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>What a resource of this integration becomes in a cluster by itself.</summary>
internal static class PublishedDefaultsExtensions
{
    /// <summary>Changes the resource's Kubernetes objects before the application's own callbacks do, if it is published to a cluster at all.</summary>
    /// <remarks>
    /// Not by <c>PublishAsKubernetesService</c>: Aspire refuses a model that has such a callback and no cluster, and this one is there whatever the application is published to.
    /// </remarks>
    public static IResourceBuilder<T> WithPublishedDefaults<T>(this IResourceBuilder<T> builder, Action<KubernetesResource> configure)
        where T : IComputeResource
    {
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            builder.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((starting, _) =>
            {
                if (starting.Model.Resources.OfType<KubernetesEnvironmentResource>().Any())
                {
                    builder.Resource.Annotations.Insert(0, new KubernetesServiceCustomizationAnnotation(configure));
                }

                return Task.CompletedTask;
            });
        }

        return builder;
    }
}
