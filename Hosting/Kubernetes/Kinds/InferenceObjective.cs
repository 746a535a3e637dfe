using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>A name that requests may carry in <c>x-llm-d-inference-objective</c>, and the priority it stands for.</summary>
/// <param name="group">API group: <see cref="Group"/>, or the one of <see cref="AlphaInferencePool"/> beside such pools.</param>
public sealed class InferenceObjective(string group) : BaseKubernetesResource($"{group}/v1alpha2", "InferenceObjective")
{
    public const string Group = "llm-d.ai";

    public InferenceObjectiveSpec Spec { get; } = new();
}

/// <summary>In which pool, and how important; a negative priority may be refused when there is no room.</summary>
public sealed class InferenceObjectiveSpec
{
    public ObjectReference? PoolRef { get; set; }

    public int Priority { get; set; }
}
