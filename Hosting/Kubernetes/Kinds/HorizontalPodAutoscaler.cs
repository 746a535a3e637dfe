using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Adds and removes pods as metrics of theirs say.</summary>
public sealed class HorizontalPodAutoscaler() : BaseKubernetesResource("autoscaling/v2", "HorizontalPodAutoscaler")
{
    public HorizontalPodAutoscalerSpec Spec { get; } = new();
}

/// <summary>Of which workload, how many, and by what; the metric that wants most pods decides.</summary>
public sealed class HorizontalPodAutoscalerSpec
{
    public ScaleTarget? ScaleTargetRef { get; set; }

    public int MinReplicas { get; set; }

    public int MaxReplicas { get; set; }

    public List<PodsMetric> Metrics { get; } = [];

    public ScalingBehavior? Behavior { get; set; }
}

/// <summary>The workload whose replicas are set.</summary>
public sealed class ScaleTarget(string apiVersion, string kind, string name)
{
    public string ApiVersion { get; } = apiVersion;

    public string Kind { get; } = kind;

    public string Name { get; } = name;
}

/// <summary>A metric of each pod, from the custom metrics API, and its mean that is aimed at.</summary>
public sealed class PodsMetric(string name, string averageValue)
{
    public string Type { get; } = "Pods";

    public PodsMetricSource Pods { get; } = new(new(name), new(averageValue));
}

/// <summary>Name and target.</summary>
public sealed class PodsMetricSource(MetricIdentifier metric, AverageTarget target)
{
    public MetricIdentifier Metric { get; } = metric;

    public AverageTarget Target { get; } = target;
}

/// <summary>A metric by its name.</summary>
public sealed class MetricIdentifier(string name)
{
    public string Name { get; } = name;
}

/// <summary>A mean over the pods, as a quantity.</summary>
public sealed class AverageTarget(string averageValue)
{
    public string Type { get; } = "AverageValue";

    public string AverageValue { get; } = averageValue;
}

/// <summary>How fast pods come and go.</summary>
public sealed class ScalingBehavior(ScalingRules scaleUp, ScalingRules scaleDown)
{
    public ScalingRules ScaleUp { get; } = scaleUp;

    public ScalingRules ScaleDown { get; } = scaleDown;
}

/// <summary>At most so many pods in so many seconds, and only once the need has lasted.</summary>
public sealed class ScalingRules(int stabilizationWindowSeconds, int pods, int periodSeconds)
{
    public int StabilizationWindowSeconds { get; } = stabilizationWindowSeconds;

    public List<ScalingPolicy> Policies { get; } = [new(pods, periodSeconds)];
}

/// <summary>So many pods in so many seconds.</summary>
public sealed class ScalingPolicy(int value, int periodSeconds)
{
    public string Type { get; } = "Pods";

    public int Value { get; } = value;

    public int PeriodSeconds { get; } = periodSeconds;
}
