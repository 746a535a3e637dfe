using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>The pool that gateways from before <see cref="InferencePool"/> know.</summary>
public sealed class AlphaInferencePool() : BaseKubernetesResource($"{Group}/v1alpha2", "InferencePool")
{
    public const string Group = "inference.networking.x-k8s.io";

    public AlphaInferencePoolSpec Spec { get; } = new();
}

/// <summary>Which pods, which port of them, and who picks.</summary>
public sealed class AlphaInferencePoolSpec
{
    public Dictionary<string, string> Selector { get; } = [];

    public int TargetPortNumber { get; set; }

    public ExtensionReference ExtensionRef { get; } = new();
}

/// <summary>The Service of a picker.</summary>
public sealed class ExtensionReference
{
    public string? Name { get; set; }

    public int PortNumber { get; set; }

    /// <summary><c>FailOpen</c> sends to any engine while the picker is away, <c>FailClose</c> refuses.</summary>
    public string FailureMode { get; set; } = "FailOpen";
}
