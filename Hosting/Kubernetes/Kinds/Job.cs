using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>A pod that runs to its end.</summary>
public sealed class Job() : BaseKubernetesResource("batch/v1", "Job")
{
    public JobSpec Spec { get; } = new();
}

/// <summary>What runs, and how often it is tried.</summary>
public sealed class JobSpec
{
    /// <summary>Waits until somebody sets it to false.</summary>
    public bool? Suspend { get; set; }

    public int BackoffLimit { get; set; }

    public PodTemplateSpecV1 Template { get; } = new();
}
