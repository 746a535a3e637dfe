using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>A workload that KEDA scales.</summary>
public sealed class ScaledObject() : BaseKubernetesResource("keda.sh/v1alpha1", "ScaledObject")
{
    public ScaledObjectSpec Spec { get; } = new();
}

/// <summary>Which workload, how many pods, and by what; the trigger that wants most pods decides.</summary>
public sealed class ScaledObjectSpec
{
    public ScaleTarget? ScaleTargetRef { get; set; }

    /// <summary>Seconds between questions.</summary>
    public int PollingInterval { get; set; }

    public int MinReplicaCount { get; set; }

    public int MaxReplicaCount { get; set; }

    public ScaledObjectAdvanced? Advanced { get; set; }

    public List<ScaledObjectTrigger> Triggers { get; } = [];
}

/// <summary>What KEDA tells the HorizontalPodAutoscaler that it makes.</summary>
public sealed class ScaledObjectAdvanced(ScalingBehavior behavior)
{
    public ScaledObjectAutoscaler HorizontalPodAutoscalerConfig { get; } = new(behavior);
}

/// <summary>How fast pods come and go.</summary>
public sealed class ScaledObjectAutoscaler(ScalingBehavior behavior)
{
    public ScalingBehavior Behavior { get; } = behavior;
}

/// <summary>A PromQL query whose value is divided by the threshold, which gives the number of pods.</summary>
public sealed class ScaledObjectTrigger(string serverAddress, string query, string threshold)
{
    public string Type { get; } = "prometheus";

    public string MetricType { get; } = "AverageValue";

    public Dictionary<string, string> Metadata { get; } = new()
    {
        ["serverAddress"] = serverAddress, ["query"] = query, ["threshold"] = threshold,
    };
}
