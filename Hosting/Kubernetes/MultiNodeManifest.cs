using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Turns the Deployment of an engine into a LeaderWorkerSet, for an engine of several pods.</summary>
/// <remarks>
/// The leader has the API and names all ranks behind its one port; workers have no API. Of each pod, the controller tells by variables which one of its group it is
/// (<c>LWS_WORKER_INDEX</c>) and where the leader is (<c>LWS_LEADER_ADDRESS</c>).
/// </remarks>
internal static class MultiNodeManifest
{
    private const string RpcPort = "5555";
    private const string Leader = "$(LWS_LEADER_ADDRESS)";

    // ZeroMQ binds to addresses, not to names.
    private const string OwnAddress = "$(POD_IP)";

    /// <summary>The worker of a group, from the pod that Aspire made, which must be as it made it.</summary>
    public static PodTemplateSpecV1 WorkerOf(KubernetesResource service, VllmResource engine, EnginePod pod, EngineNodes nodes)
    {
        var worker = Copy(service.Workload!.PodTemplate);
        // The engine's Service selects by this label, and a worker serves nobody.
        worker.Metadata.Labels["app.kubernetes.io/component"] = $"{pod.Name ?? service.Name}-worker";
        EngineManifest.Shape(service, worker, engine, pod, nodes.WorkerLabels);
        var container = worker.Spec.Containers[0];
        container.Args.Add("--headless");
        container.Args.AddRange(PlaceOf(nodes, Leader, "$(LWS_WORKER_INDEX)"));
        if (nodes.RanksPerNode > 0)
        {
            // Kubernetes puts variables into arguments, but only a shell multiplies.
            container.Command.AddRange(["/bin/sh", "-c", $"exec vllm serve \"$@\" --data-parallel-start-rank $((LWS_WORKER_INDEX * {Text(nodes.RanksPerNode)}))", "vllm"]);
        }

        return worker;
    }

    /// <summary>Puts the Deployment's pod, complete by now, and its workers into a LeaderWorkerSet in the Deployment's place.</summary>
    public static void Replace(KubernetesResource service, EnginePod pod, EngineNodes nodes, PodTemplateSpecV1 worker)
    {
        var leader = service.Workload!.PodTemplate;
        leader.Spec.Containers[0].Args.AddRange(PlaceOf(nodes, OwnAddress, "0"));
        service.Workload = null;
        service.AdditionalResources.Add(new LeaderWorkerSet
        {
            Metadata = { Name = pod.Name ?? service.Name },
            Spec = { Replicas = pod.Replicas, LeaderWorkerTemplate = { Size = nodes.Count, LeaderTemplate = leader, WorkerTemplate = worker } },
        });
    }

    private static string[] PlaceOf(EngineNodes nodes, string leader, string index) => nodes.RanksPerNode > 0
        ? ["--data-parallel-size-local", Text(nodes.RanksPerNode), "--data-parallel-address", leader, "--data-parallel-rpc-port", RpcPort]
        : ["--nnodes", Text(nodes.Count), "--node-rank", index, "--master-addr", leader];

    // Each object anew: one that stands twice in a document becomes an anchor and an alias. A worker listens to nobody from outside, so ports are left out.
    private static PodTemplateSpecV1 Copy(PodTemplateSpecV1 made)
    {
        var container = made.Spec.Containers[0];
        var copy = new ContainerV1 { Name = container.Name, Image = container.Image, ImagePullPolicy = container.ImagePullPolicy };
        copy.Args.AddRange(container.Args);
        copy.EnvFrom.AddRange(container.EnvFrom.Select(source => new EnvFromSourceV1
        {
            ConfigMapRef = source.ConfigMapRef is { } map ? new() { Name = map.Name } : null,
            SecretRef = source.SecretRef is { } secret ? new() { Name = secret.Name } : null,
        }));
        copy.VolumeMounts.AddRange(container.VolumeMounts.Select(mount => new VolumeMountV1 { Name = mount.Name, MountPath = mount.MountPath, ReadOnly = mount.ReadOnly }));

        var pod = new PodTemplateSpecV1 { Metadata = { Labels = new(made.Metadata.Labels) } };
        pod.Spec.Containers.Add(copy);
        pod.Spec.Volumes.AddRange(made.Spec.Volumes.Select(volume => new VolumeV1
        {
            Name = volume.Name,
            EmptyDir = volume.EmptyDir is null ? null : new(),
            HostPath = volume.HostPath is { } host ? new() { Path = host.Path, Type = host.Type } : null,
            PersistentVolumeClaim = volume.PersistentVolumeClaim is { } claim ? new() { ClaimName = claim.ClaimName } : null,
        }));
        return pod;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
