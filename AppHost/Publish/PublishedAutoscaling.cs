using System.Globalization;
using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Lets the number of engines follow the load: so many waiting requests, and so much use of KV caches, that the picker's detector of saturation would call them full.</summary>
/// <remarks>The queue alone would take engines away that are busy but keep up. Both are summed over the ranks of a pod, so their targets are those of a rank times the ranks.</remarks>
internal static class PublishedAutoscaling
{
    private const string Queue = "vllm:num_requests_waiting";
    private const string CacheUse = "vllm:kv_cache_usage_perc";
    private const int CacheUseThousandths = 800;
    private const int PollingSeconds = 15;

    public static void AddAutoscaling(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        List<BaseKubernetesResource> scalers = [];
        if (plan.Prefill is { Range: { } prefill })
        {
            scalers.Add(ScalerOf(plan, plan.Names.Prefill, plan.Prefill, prefill));
        }

        if (plan.Decode.Range is { } decode)
        {
            scalers.Add(ScalerOf(plan, plan.Names.Decode, plan.Decode, decode));
        }

        if (scalers.Count > 0)
        {
            builder.AddManifests("autoscaling", scalers);
        }
    }

    private static BaseKubernetesResource ScalerOf(ClusterPlan plan, string name, EngineGroup group, ReplicaRange range) =>
        plan.Autoscaling.Kind == AutoscalingKind.Keda ? ScaledObjectOf(plan, name, group, range) : AutoscalerOf(plan, name, group, range);

    private static HorizontalPodAutoscaler AutoscalerOf(ClusterPlan plan, string name, EngineGroup group, ReplicaRange range)
    {
        var scaler = new HorizontalPodAutoscaler { Metadata = { Name = name } };
        scaler.Spec.ScaleTargetRef = TargetOf(name, group);
        (scaler.Spec.MinReplicas, scaler.Spec.MaxReplicas) = (range.Min, range.Max);
        scaler.Spec.Metrics.Add(new(Queue, Text((long)plan.Autoscaling.TargetQueue * group.DataParallel)));
        scaler.Spec.Metrics.Add(new(CacheUse, $"{Text((long)CacheUseThousandths * group.DataParallel)}m"));
        scaler.Spec.Behavior = Behavior();
        return scaler;
    }

    private static ScaledObject ScaledObjectOf(ClusterPlan plan, string name, EngineGroup group, ReplicaRange range)
    {
        var scaled = new ScaledObject { Metadata = { Name = name } };
        scaled.Spec.ScaleTargetRef = TargetOf(name, group);
        (scaled.Spec.MinReplicaCount, scaled.Spec.MaxReplicaCount) = (range.Min, range.Max);
        scaled.Spec.PollingInterval = PollingSeconds;
        scaled.Spec.Advanced = new(Behavior());
        scaled.Spec.Triggers.Add(TriggerOf(Queue, Text((long)plan.Autoscaling.TargetQueue * group.DataParallel)));
        scaled.Spec.Triggers.Add(TriggerOf(CacheUse, (CacheUseThousandths * (decimal)group.DataParallel / 1000).ToString("0.###", CultureInfo.InvariantCulture)));
        return scaled;

        ScaledObjectTrigger TriggerOf(string metric, string threshold) =>
            new(plan.Autoscaling.Prometheus, $"sum({metric}{MetricSelectors.Engines(plan, name)})", threshold);
    }

    private static ScaleTarget TargetOf(string name, EngineGroup group) => group.Nodes == 1
        ? new("apps/v1", "Deployment", name)
        : new(LeaderWorkerSet.ApiVersionName, LeaderWorkerSet.KindName, name);

    // An engine takes minutes to load its model, and what it holds in its cache is gone with it: quick up, slow down.
    private static ScalingBehavior Behavior() => new(scaleUp: new(0, 2, 60), scaleDown: new(300, 1, 120));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
