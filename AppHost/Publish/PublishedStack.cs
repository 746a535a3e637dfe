using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Composes what a plan publishes.</summary>
internal static class PublishedStack
{
    // A full download of the largest model that the presets serve, and room for another.
    private const string ModelCacheSize = "200Gi";
    public const int RouterPort = 30000;

    // Where seed 003 runs vllm-router.
    public const int SeedRouterPort = 10001;

    public static void Compose(IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        builder.AddKubernetesEnvironment("cluster")
            .WithDashboard(false)
            .WithHelm(chart => chart.WithChartName(plan.ChartName).WithNamespace(plan.Namespace).WithReleaseName(plan.ReleaseName))
            .WithProperties(cluster =>
            {
                if (plan.StorageClass is not null)
                {
                    // Shared by the replicas of an engine, which run on several nodes.
                    cluster.DefaultStorageType = "pvc";
                    cluster.DefaultStorageReadWritePolicy = "ReadWriteMany";
                    cluster.DefaultStorageClassName = plan.StorageClass;
                    cluster.DefaultStorageSize = ModelCacheSize;
                }
            });

        builder.AddEngines(plan);
        if (plan.HasKvIndexer)
        {
            builder.AddKvIndexer(plan);
        }

        switch (plan.Front)
        {
            case FrontKind.Epp:
                builder.AddPicker(plan, PickerConfiguration.Of(plan));
                if (plan.HasGateway && plan.AttachesByFilter)
                {
                    builder.AddEngineServices(plan, ClusterPlan.ServingPort);
                }

                builder.AddWayToPicker(plan);
                break;
            case FrontKind.Router:
                builder.AddEngineServices(plan, plan.DecodePort);
                builder.AddRouter(plan, SeedRouterPort, PrefillDecodeFlags(plan));
                break;
            case FrontKind.Service:
                builder.AddEngineServices(plan, plan.DecodePort);
                break;
        }

        builder.AddMonitoring(plan);
        builder.AddPolicies(plan);
        builder.AddAutoscaling(plan);
        if (plan.HasDoor)
        {
            builder.AddJobs(plan);
        }
    }

    private static void AddWayToPicker(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        if (plan.HasGateway)
        {
            builder.AddRouting(plan);
        }
        else
        {
            // No workers by name: it learns of them from the picker.
            builder.AddRouter(plan, RouterPort, "--epp", $"http://{plan.Names.Picker}:{PublishedPicker.GrpcPort}");
        }
    }

    private static void AddEngineServices(this IDistributedApplicationBuilder builder, ClusterPlan plan, int decodePort)
    {
        List<Service> services = [PublishedServices.Of(plan.Names.Decode, ("http", decodePort))];
        if (plan.Prefill is not null)
        {
            services.Add(PublishedServices.Of(plan.Names.Prefill, ("http", ClusterPlan.ServingPort)));
        }

        builder.AddManifests("engines", services);
    }

    private static string[] PrefillDecodeFlags(ClusterPlan plan) =>
    [
        "--pd-disaggregation",
        "--prefill", $"http://{plan.Names.Prefill}:{ClusterPlan.ServingPort}",
        "--decode", $"http://{plan.Names.Decode}:{plan.DecodePort}",
        "--intra-node-data-parallel-size", $"{plan.Decode.DataParallel}",
    ];
}
