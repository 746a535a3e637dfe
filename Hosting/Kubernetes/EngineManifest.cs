using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>Turns the workload of a container into that of a vLLM engine, and the pods of a container into those of one.</summary>
internal static class EngineManifest
{
    public const string ContainerName = "vllm";
    public const string GpuResource = "nvidia.com/gpu";

    // A transfer or an answer that is under way may take this long to end.
    private const int GraceSeconds = 90;

    public static void Apply(KubernetesResource service, VllmResource engine, EnginePod pod)
    {
        var workload = service.Workload!;
        workload.Metadata.Name = pod.Name ?? workload.Metadata.Name;
        SetReplicas(workload, pod.Replicas);

        var template = workload.PodTemplate;
        Shape(service, template, engine, pod, pod.Labels);
        if (pod is { Replicas: not 1, Nodes: null })
        {
            template.Spec.TopologySpreadConstraints.Add(SpreadOverNodes(service.Name));
        }

        AddProbes(template.Spec.Containers[0], engine.HttpEndpoint.TargetPort!.Value);
    }

    /// <summary>Gives a pod what every pod of an engine needs, whether it serves or not.</summary>
    public static void Shape(KubernetesResource service, PodTemplateSpecV1 template, VllmResource engine, EnginePod pod, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            template.Metadata.Labels[key] = value;
        }

        var spec = template.Spec;
        spec.TerminationGracePeriodSeconds = GraceSeconds;
        spec.AutomountServiceAccountToken = false;
        (spec.SecurityContext ??= new()).SeccompProfile = new() { Type = "RuntimeDefault" };
        spec.Tolerations.Add(new() { Key = GpuResource, Operator = "Exists", Effect = "NoSchedule" });
        spec.Volumes.Add(new() { Name = "shm", EmptyDir = new() { Medium = "Memory", SizeLimit = pod.SharedMemory } });
        foreach (var (key, value) in pod.NodeSelector)
        {
            spec.NodeSelector[key] = value;
        }

        var container = spec.Containers[0];
        container.Name = ContainerName;
        container.Resources = ResourcesOf(pod, pod.Gpus ?? engine.Gpus);
        container.VolumeMounts.Add(new() { Name = "shm", MountPath = "/dev/shm" });
        container.SecurityContext = SecurityOf(pod);
        AddVariables(container);
        AddToken(service, container, pod);
    }

    // Aspire makes a StatefulSet of an engine with a persistent volume.
    private static void SetReplicas(Workload workload, int? replicas)
    {
        if (workload is StatefulSet set)
        {
            set.Spec.Replicas = replicas;
            return;
        }

        var deployment = (Deployment)workload;
        deployment.Spec.Replicas = replicas;
        // An update must not need spare GPUs.
        deployment.Spec.Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = 0, MaxUnavailable = 1 } };
    }

    private static ResourceRequirementsV1 ResourcesOf(EnginePod pod, int gpus)
    {
        var resources = new ResourceRequirementsV1();
        foreach (var quantities in new[] { resources.Limits, resources.Requests })
        {
            if (pod.Cpu is not null)
            {
                quantities["cpu"] = pod.Cpu;
            }

            if (pod.Memory is not null)
            {
                quantities["memory"] = pod.Memory;
            }

            quantities[GpuResource] = Quantity.Of(gpus);
            if (pod.Rdma is var (device, count))
            {
                quantities[device] = Quantity.Of(count);
            }
        }

        return resources;
    }

    // The image runs as root. RDMA registers memory that must not be swapped out, which takes one capability.
    private static SecurityContextV1 SecurityOf(EnginePod pod)
    {
        var security = new SecurityContextV1 { AllowPrivilegeEscalation = false, Capabilities = new() { Drop = { "ALL" } } };
        if (pod.Rdma is not null)
        {
            security.Capabilities.Add.Add("IPC_LOCK");
        }

        return security;
    }

    private static void AddVariables(ContainerV1 container)
    {
        container.Env.Add(new() { Name = "POD_IP", ValueFrom = PodIp() });
        // Where other engines fetch KV blocks from; it must be an address that they can reach.
        container.Env.Add(new() { Name = "VLLM_NIXL_SIDE_CHANNEL_HOST", ValueFrom = PodIp() });
    }

    // Unless the application has the token as a parameter of its own.
    private static void AddToken(KubernetesResource service, ContainerV1 container, EnginePod pod)
    {
        if (service.Secret?.StringData.ContainsKey(EnginePod.TokenKey) is true)
        {
            return;
        }

        bool? isOptional = pod.IsTokenRequired ? null : true;
        container.Env.Add(new()
        {
            Name = EnginePod.TokenKey,
            ValueFrom = new() { SecretKeyRef = new() { Name = EnginePod.TokenSecret, Key = EnginePod.TokenKey, Optional = isOptional } },
        });
    }

    // Anew each time: an object that stands twice in a document becomes an anchor and an alias.
    private static EnvVarSourceV1 PodIp() => new() { FieldRef = new() { FieldPath = "status.podIP" } };

    // Loading a large model takes the better part of an hour the first time: 15 s + 120 x 30 s.
    private static void AddProbes(ContainerV1 container, int port)
    {
        container.StartupProbe = Probe("/v1/models", initialDelay: 15, period: 30, failures: 120);
        container.LivenessProbe = Probe("/health", initialDelay: null, period: 10, failures: 3, timeout: 5);
        container.ReadinessProbe = Probe("/v1/models", initialDelay: null, period: 5, failures: 3, timeout: 2);

        // Written by hand: the probe of the model gets its scheme in lower case, which the API server refuses.
        ProbeV1 Probe(string path, int? initialDelay, int period, int failures, int? timeout = null) => new()
        {
            HttpGet = new() { Path = path, Port = port, Scheme = "HTTP" },
            InitialDelaySeconds = initialDelay,
            PeriodSeconds = period,
            FailureThreshold = failures,
            TimeoutSeconds = timeout,
        };
    }

    private static TopologySpreadConstraintV1 SpreadOverNodes(string component) => new()
    {
        MaxSkew = 1,
        TopologyKey = "kubernetes.io/hostname",
        WhenUnsatisfiable = "ScheduleAnyway",
        LabelSelector = new(new() { ["app.kubernetes.io/component"] = component }),
    };
}
