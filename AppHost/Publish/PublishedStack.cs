namespace LlmdAspire.AppHost.Publish;

/// <summary>Composes what a plan publishes.</summary>
internal static class PublishedStack
{
    // A full download of the largest model that the presets serve, and room for another.
    private const string ModelCacheSize = "200Gi";
    private const int RouterPort = 30000;

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
        builder.AddPicker(plan, PickerConfiguration.PrefillDecode(plan.PrefillThreshold));
        if (plan.HasGateway)
        {
            builder.AddRouting(plan);
        }
        else
        {
            builder.AddRouter(plan, RouterPort, "--epp", $"http://{plan.Names.Picker}:{PublishedPicker.GrpcPort}");
        }

        builder.AddMonitoring(plan);
        builder.AddPolicies(plan);
    }
}
