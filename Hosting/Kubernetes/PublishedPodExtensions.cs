using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Says what pods look like in a cluster; a run is not affected.</summary>
public static class PublishedPodExtensions
{
    /// <summary>Publishes this engine as pods like these.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="pod">Its pods. With a name of their own, they are reached through a pool or a Service of one's own: the engine itself gets no Service.</param>
    /// <param name="sidecar">The router beside the engine, where requests come through a gateway and need two engines.</param>
    public static IResourceBuilder<VllmResource> WithPublishedPod(this IResourceBuilder<VllmResource> engine, EnginePod pod, RoutingSidecar? sidecar = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(pod);

        return engine.WithAnnotation(new EnginePodAnnotation(pod, sidecar), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Publishes this service as pods like these.</summary>
    /// <param name="service">The service.</param>
    /// <param name="pod">Its pods. With a name of their own, their Service is another object, since Aspire would write both into one file.</param>
    public static IResourceBuilder<T> WithPublishedPod<T>(this IResourceBuilder<T> service, ServicePod pod)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(pod);

        var isKnown = service.Resource.HasAnnotationOfType<ServicePodAnnotation>();
        service.WithAnnotation(new ServicePodAnnotation(pod), ResourceAnnotationMutationBehavior.Replace);
        return isKnown ? service : service.WithPublishedDefaults(objects => ApplyServicePod(service.Resource, objects));
    }

    /// <summary>Publishes an engine as the pods that it is given, or else as those it needs by itself.</summary>
    internal static IResourceBuilder<VllmResource> AsPublishedEngine(this IResourceBuilder<VllmResource> engine) =>
        engine
            .WithAnnotation(new EnginePodAnnotation(new EnginePod { IsTokenRequired = false }))
            .WithPublishedDefaults(objects => ApplyEnginePod(engine.Resource, objects));

    private static void ApplyEnginePod(VllmResource engine, KubernetesResource objects)
    {
        var (pod, sidecar) = engine.Annotations.OfType<EnginePodAnnotation>().Last();
        var worker = pod.Nodes is null ? null : MultiNodeManifest.WorkerOf(objects, engine, pod, pod.Nodes);
        EngineManifest.Apply(objects, engine, pod);
        sidecar?.AddTo(objects);
        if (worker is not null)
        {
            MultiNodeManifest.Replace(objects, pod, pod.Nodes!, worker);
        }

        RemoveService(objects, pod.Name);
    }

    private static void ApplyServicePod(IResource service, KubernetesResource objects)
    {
        var pod = service.Annotations.OfType<ServicePodAnnotation>().Last().Pod;
        pod.ApplyTo(objects);
        RemoveService(objects, pod.Name);
    }

    private static void RemoveService(KubernetesResource objects, string? name)
    {
        if (name is not null)
        {
            objects.Service = null;
        }
    }
}
