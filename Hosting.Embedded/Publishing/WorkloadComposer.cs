using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>Makes the Kubernetes objects of one resource, as the model describes it; what customises them comes afterwards.</summary>
internal sealed class WorkloadComposer(KubernetesEnvironmentResource cluster, DistributedApplicationExecutionContext execution, ILogger logger, ChartValues values)
{
    public async Task<(KubernetesResource Objects, IReadOnlyList<PersistentVolumeClaim> Claims)> ComposeAsync(IResource resource, CancellationToken cancellationToken)
    {
        var ports = PublishedPort.Of(resource);
        var volumes = VolumesOf(resource);
        AddProjectParameters(resource);
        var environment = await PublishedEnvironment.OfAsync(resource, execution, logger, values, cancellationToken);
        var arguments = await PublishedArguments.OfAsync(resource, execution, logger, cancellationToken);

        var pod = new PodTemplateSpecV1 { Metadata = { Labels = ChartLabels.Of(resource.Name) } };
        pod.Spec.Containers.Add(Container(resource, ports, volumes, environment, arguments));
        pod.Spec.Volumes.AddRange(volumes.Select(volume => PodVolume(resource, volume)));

        var objects = new KubernetesResource(resource.Name, resource, cluster)
        {
            Workload = WorkloadOf(resource, pod),
            ConfigMap = ConfigMapOf(resource, environment.Plain),
            Secret = SecretOf(resource, environment.Secret),
            Service = ServiceOf(resource, ports),
        };
        return (objects, IsClaim ? [.. volumes.Select(volume => Claim(resource, volume.Source!)).DistinctBy(claim => claim.Metadata.Name)] : []);
    }

    private bool IsClaim => StorageIs("pvc");

    private bool StorageIs(string type) => string.Equals(cluster.DefaultStorageType, type, StringComparison.OrdinalIgnoreCase);

    private static Workload WorkloadOf(IResource resource, PodTemplateSpecV1 pod)
    {
        var replicas = resource.TryGetLastAnnotation<ReplicaAnnotation>(out var replica) ? replica.Replicas : 1;

        // What others connect to with a connection string keeps state.
        return resource is IResourceWithConnectionString
            ? new StatefulSet
            {
                Metadata = { Name = KubernetesName.StatefulSet(resource.Name), Labels = ChartLabels.Of(resource.Name) },
                Spec = { Selector = new(ChartLabels.Of(resource.Name)), Replicas = replicas, Template = pod },
            }
            : new Deployment
            {
                Metadata = { Name = KubernetesName.Deployment(resource.Name), Labels = ChartLabels.Of(resource.Name) },
                Spec =
                {
                    Selector = new(ChartLabels.Of(resource.Name)),
                    Replicas = replicas,
                    Template = pod,
                    Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = 1, MaxUnavailable = 1 } },
                },
            };
    }

    private ContainerV1 Container(
        IResource resource, IReadOnlyList<PublishedPort> ports, IReadOnlyList<ContainerMountAnnotation> volumes, PublishedEnvironment environment, List<string> arguments)
    {
        var container = new ContainerV1 { Name = resource.Name, Image = ImageOf(resource), ImagePullPolicy = cluster.DefaultImagePullPolicy };
        if (resource is ContainerResource { Entrypoint: { } entrypoint })
        {
            container.Command.Add(entrypoint);
        }

        container.Args.AddRange(arguments);
        if (environment.Plain.Count > 0)
        {
            container.EnvFrom.Add(new() { ConfigMapRef = new() { Name = KubernetesName.ConfigMap(resource.Name) } });
        }

        if (environment.Secret.Count > 0)
        {
            container.EnvFrom.Add(new() { SecretRef = new() { Name = KubernetesName.Secret(resource.Name) } });
        }

        container.Ports.AddRange(ports.Select(port => new ContainerPortV1 { Name = port.Name, ContainerPort = new(port.Container), Protocol = port.Protocol }));
        container.VolumeMounts.AddRange(volumes.Select(volume => new VolumeMountV1 { Name = volume.Source!, MountPath = volume.Target, ReadOnly = volume.IsReadOnly ? true : null }));
        AddProbes(container, resource);
        return container;
    }

    private static string ImageOf(IResource resource)
        => resource is not ProjectResource && resource.TryGetContainerImageName(out var image)
            ? image
            : HelmExpression.Value(HelmExpression.Parameters, resource.Name, ImageParameterOf(resource));

    private static string ImageParameterOf(IResource resource) => $"{resource.Name}_image";

    // A project's image is pushed somewhere later, and its port is whatever the base image says, unless the model knows better.
    private void AddProjectParameters(IResource resource)
    {
        if (resource is not ProjectResource)
        {
            return;
        }

        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint is { TargetPort: null or 0, UriScheme: "http" }))
        {
            values.Add(HelmExpression.Parameters, resource.Name, PublishedPort.ParameterOf(endpoint.Name), PublishedPort.ProjectDefault);
        }

        values.Add(HelmExpression.Parameters, resource.Name, ImageParameterOf(resource), $"{resource.Name}:latest");
    }

    private static void AddProbes(ContainerV1 container, IResource resource)
    {
        foreach (var annotation in resource.Annotations.OfType<EndpointProbeAnnotation>())
        {
            var port = PublishedPort.Of(annotation.EndpointReference);
            var probe = new ProbeV1
            {
                HttpGet = new() { Path = annotation.Path, Port = new(port.Container), Scheme = port.Scheme },
                InitialDelaySeconds = annotation.InitialDelaySeconds,
                PeriodSeconds = annotation.PeriodSeconds,
                TimeoutSeconds = annotation.TimeoutSeconds,
                FailureThreshold = annotation.FailureThreshold,
                SuccessThreshold = annotation.SuccessThreshold,
            };
            switch (annotation.Type)
            {
                case ProbeType.Startup:
                    container.StartupProbe = probe;
                    break;
                case ProbeType.Readiness:
                    container.ReadinessProbe = probe;
                    break;
                case ProbeType.Liveness:
                    container.LivenessProbe = probe;
                    break;
            }
        }
    }

    private static ConfigMap? ConfigMapOf(IResource resource, Dictionary<string, string> variables)
    {
        if (variables.Count == 0)
        {
            return null;
        }

        var map = new ConfigMap { Metadata = { Name = KubernetesName.ConfigMap(resource.Name), Labels = ChartLabels.Of(resource.Name) } };
        foreach (var (name, value) in variables)
        {
            map.Data[name] = value;
        }

        return map;
    }

    private static Secret? SecretOf(IResource resource, Dictionary<string, string> variables)
    {
        if (variables.Count == 0)
        {
            return null;
        }

        var secret = new Secret { Metadata = { Name = KubernetesName.Secret(resource.Name), Labels = ChartLabels.Of(resource.Name) } };
        foreach (var (name, value) in variables)
        {
            secret.StringData[name] = value;
        }

        return secret;
    }

    private Service? ServiceOf(IResource resource, IReadOnlyList<PublishedPort> ports)
    {
        if (ports.Count == 0)
        {
            return null;
        }

        var service = new Service
        {
            Metadata = { Name = KubernetesName.Service(resource.Name), Labels = ChartLabels.Of(resource.Name) },
            Spec = { Selector = ChartLabels.Of(resource.Name), Type = cluster.DefaultServiceType },
        };
        service.Spec.Ports.AddRange(ports.Select(port => new ServicePortV1
        {
            Name = port.Name, Port = new(port.Exposed), TargetPort = new(port.Container), Protocol = port.Protocol,
        }));
        return service;
    }

    private List<ContainerMountAnnotation> VolumesOf(IResource resource)
    {
        var mounts = resource.Annotations.OfType<ContainerMountAnnotation>().ToList();
        if (mounts.Count > 0 && !StorageIs("emptyDir") && !StorageIs("hostPath") && !IsClaim)
        {
            throw new DistributedApplicationException($"DefaultStorageType is '{cluster.DefaultStorageType}'; it must be emptyDir, hostPath or pvc.");
        }

        if (mounts.Find(mount => mount.Type == ContainerMountType.BindMount || mount.Source is null) is { } mount)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}': the mount at {mount.Target} has no named volume, and only those can be published; name one, or mount it in a run only.");
        }

        return mounts;
    }

    private VolumeV1 PodVolume(IResource resource, ContainerMountAnnotation mount) => new()
    {
        Name = mount.Source!,
        EmptyDir = StorageIs("emptyDir") ? new() : null,
        HostPath = StorageIs("hostPath") ? new() { Path = mount.Target, Type = "Directory" } : null,
        PersistentVolumeClaim = IsClaim ? new() { ClaimName = KubernetesName.Claim(resource.Name, mount.Source!) } : null,
    };

    private PersistentVolumeClaim Claim(IResource resource, string volume)
    {
        var claim = new PersistentVolumeClaim { Metadata = { Name = KubernetesName.Claim(resource.Name, volume), Labels = ChartLabels.Of(resource.Name) } };
        claim.Spec.AccessModes.Add(cluster.DefaultStorageReadWritePolicy);
        claim.Spec.Resources.Requests["storage"] = cluster.DefaultStorageSize;
        if (!string.IsNullOrEmpty(cluster.DefaultStorageClassName))
        {
            claim.Spec.StorageClassName = cluster.DefaultStorageClassName;
        }

        return claim;
    }
}
