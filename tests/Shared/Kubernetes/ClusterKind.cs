namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>A kind of object that the fake API server serves.</summary>
public sealed record ClusterKind(string Group, string Version, string Plural, string Name)
{
    public static readonly ClusterKind Pod = new("", "v1", "pods", "Pod");
    public static readonly ClusterKind InferencePool = new("inference.networking.k8s.io", "v1", "inferencepools", "InferencePool");
    public static readonly ClusterKind AlphaInferencePool = new("inference.networking.x-k8s.io", "v1alpha2", "inferencepools", "InferencePool");

    public static readonly ClusterKind InferenceObjective = new("llm-d.ai", "v1alpha2", "inferenceobjectives", "InferenceObjective");
    public static readonly ClusterKind OldInferenceObjective = new("inference.networking.x-k8s.io", "v1alpha2", "inferenceobjectives", "InferenceObjective");

    public static readonly IReadOnlyList<ClusterKind> All = [Pod, InferencePool, AlphaInferencePool, InferenceObjective, OldInferenceObjective];

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
