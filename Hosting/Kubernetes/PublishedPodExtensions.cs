using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says what pods look like in a cluster; a run is not affected.</summary>
public static class PublishedPodExtensions
{
    /// <summary>Publishes this engine as pods like these, reached through a pool or a Service of one's own: the engine itself gets no Service.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="pod">Its pods.</param>
    /// <param name="sidecar">The router beside the engine, where requests come through a gateway and need two engines.</param>
    public static IResourceBuilder<VllmResource> WithPublishedPod(this IResourceBuilder<VllmResource> engine, EnginePod pod, RoutingSidecar? sidecar = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(pod);

        return engine.PublishAsKubernetesService(service =>
        {
            var worker = pod.Nodes is { } nodes ? MultiNodeManifest.WorkerOf(service.Workload!.PodTemplate, pod, nodes) : null;
            EngineManifest.Apply(service, pod, engine.Resource.HttpEndpoint.TargetPort!.Value);
            sidecar?.AddTo(service);
            if (worker is not null)
            {
                MultiNodeManifest.Replace(service, pod, pod.Nodes!, worker);
            }

            service.Service = null;
        });
    }

    /// <summary>Publishes this service as pods like these; its Service is another object, since Aspire would write both into one file.</summary>
    public static IResourceBuilder<T> WithPublishedPod<T>(this IResourceBuilder<T> service, ServicePod pod)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(pod);

        return service.PublishAsKubernetesService(objects =>
        {
            pod.ApplyTo(objects);
            objects.Service = null;
        });
    }
}
