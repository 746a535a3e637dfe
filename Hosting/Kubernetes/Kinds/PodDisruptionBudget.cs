using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>How many pods a drain of nodes may take away at a time.</summary>
public sealed class PodDisruptionBudget() : BaseKubernetesResource("policy/v1", "PodDisruptionBudget")
{
    public PodDisruptionBudgetSpec Spec { get; } = new();
}

/// <summary>Which pods, and how many.</summary>
public sealed class PodDisruptionBudgetSpec
{
    public LabelSelectorV1 Selector { get; } = new();

    public int MaxUnavailable { get; set; } = 1;
}
