using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Adds the endpoint picker of a cluster, with what it reads and may do.</summary>
internal static class PublishedPicker
{
    public const int GrpcPort = 9002;
    public const int HealthPort = 9003;
    public const int MetricsPort = 9090;
    public const string GrpcPortName = "grpc-ext-proc";
    public const string MetricsPortName = "http-metrics";

    public static void AddPicker(this IDistributedApplicationBuilder builder, ClusterPlan plan, string configuration)
    {
        var name = plan.Names.Picker;
        builder.AddContainer(name, plan.Images.Picker, plan.Images.Tag)
            .WithHttpEndpoint(targetPort: GrpcPort, name: GrpcPortName)
            .WithHttpEndpoint(targetPort: HealthPort, name: "grpc-health")
            .WithHttpEndpoint(targetPort: MetricsPort, name: MetricsPortName)
            .WithArgs(Arguments(plan))
            .WithPublishedPod(new ServicePod
            {
                Name = name,
                CpuRequest = "8",
                MemoryRequest = "8Gi",
                MemoryLimit = "16Gi",
                ServiceAccount = name,
                // Two pickers would each know half of what is under way.
                ReplacesItself = true,
                // As long as the longest answer that it still counts.
                GraceSeconds = 130,
                ConfigMap = ConfigMapOf(plan),
                Liveness = new() { Grpc = new() { Port = HealthPort, Service = "liveness" }, InitialDelaySeconds = 5, PeriodSeconds = 10 },
                Readiness = new() { Grpc = new() { Port = HealthPort, Service = "readiness" }, PeriodSeconds = 2 },
            })
            .PublishAsKubernetesService(service => service.Workload!.PodTemplate.Spec.Containers[0].Env.AddRange(
            [
                new() { Name = "NAMESPACE", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.namespace" } } },
                new() { Name = "POD_NAME", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } },
            ]));

        builder.AddManifests("picker", ConfigurationOf(plan, configuration), ServiceOf(plan));
        builder.AddManifests("rbac", Rbac(plan));
    }

    private static string ConfigMapOf(ClusterPlan plan) => $"{plan.Names.Picker}-plugins";

    private static string[] Arguments(ClusterPlan plan)
    {
        string[] candidates = plan.HasPool
            ? ["--pool-name", plan.Names.Pool, "--pool-namespace", "$(NAMESPACE)", .. plan.PoolVersion == PoolVersion.V1 ? Array.Empty<string>() : ["--pool-group", plan.PoolVersion.Group()]]
            // Without a pool its CRD need not be there.
            : ["--endpoint-selector", string.Join(',', EngineLabels.OfPool(plan.Names).Select(label => $"{label.Key}={label.Value}")), "--endpoint-target-ports", $"{ClusterPlan.ServingPort}"];
        string[] index = plan.HasKvIndexer ? ["--kv-indexer", $"http://{plan.Names.KvIndexer}:{PublishedKvIndexer.Port}"] : [];
        return
        [
            "--host", "0.0.0.0",
            .. candidates,
            .. index,
            "--config-file", $"{ServicePod.ConfigFolder}/{PickerConfiguration.FileName}",
            "--grpc-port", $"{GrpcPort}",
            "--grpc-health-port", $"{HealthPort}",
            "--metrics-port", $"{MetricsPort}",
            // With authentication it would need rights in the whole cluster, to ask who it is that scrapes.
            "--metrics-endpoint-auth=false",
            // Older Envoys do not tell the mode themselves.
            .. plan.AttachesByFilter ? ["--request-body-mode", "buffered"] : Array.Empty<string>(),
            $"--secure-serving={(plan.Gateway.HasSecurePicker() ? "true" : "false")}",
        ];
    }

    private static ConfigMap ConfigurationOf(ClusterPlan plan, string configuration) => new()
    {
        Metadata = { Name = ConfigMapOf(plan) },
        Data = { [PickerConfiguration.FileName] = configuration },
    };

    private static Service ServiceOf(ClusterPlan plan)
    {
        var service = PublishedServices.Of(plan.Names.Picker, (GrpcPortName, GrpcPort), (MetricsPortName, MetricsPort));
        service.Spec.Ports[0].AppProtocol = "kubernetes.io/h2c";
        return service;
    }

    // It watches pods, the pool that says which pods count, and that pool's objectives; it changes nothing.
    private static IEnumerable<BaseKubernetesResource> Rbac(ClusterPlan plan)
    {
        var name = plan.Names.Picker;
        var role = new Role { Metadata = { Name = $"{name}-watch" } };
        role.Rules.Add(Watch("", "pods"));
        if (plan.HasPool)
        {
            role.Rules.Add(Watch(plan.PoolVersion.Group(), "inferencepools"));
            role.Rules.Add(Watch(plan.PoolVersion.ObjectiveGroup(), "inferenceobjectives"));
        }

        return
        [
            new ServiceAccountV1 { Metadata = { Name = name } },
            role,
            new RoleBinding
            {
                Metadata = { Name = $"{name}-binding" },
                RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = role.Metadata.Name },
                Subjects = { new() { Kind = "ServiceAccount", Name = name, Namespace = "{{ .Release.Namespace }}" } },
            },
        ];
    }

    private static PolicyRuleV1 Watch(string group, string resources) =>
        new() { ApiGroups = { group }, Resources = { resources }, Verbs = { "list", "watch" } };
}
