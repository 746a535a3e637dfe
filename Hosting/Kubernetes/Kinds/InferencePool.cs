using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>The engines that a picker picks from, as a backend of routes.</summary>
public sealed class InferencePool() : BaseKubernetesResource("inference.networking.k8s.io/v1", "InferencePool")
{
    public const string Group = "inference.networking.k8s.io";

    public InferencePoolSpec Spec { get; } = new();
}

/// <summary>Which pods, which ports of them, and who picks.</summary>
public sealed class InferencePoolSpec
{
    public LabelSelectorV1 Selector { get; } = new();

    /// <summary>The first one serves; further ones are ranks that have ports of their own.</summary>
    public List<PortNumber> TargetPorts { get; } = [];

    public EndpointPickerReference EndpointPickerRef { get; } = new();
}

/// <summary>A port by number, in the Gateway API's way.</summary>
public sealed class PortNumber(int number)
{
    public int Number { get; } = number;
}

/// <summary>The Service of a picker.</summary>
public sealed class EndpointPickerReference
{
    public string? Name { get; set; }

    public PortNumber? Port { get; set; }

    /// <summary><c>FailOpen</c> sends to any engine while the picker is away, <c>FailClose</c> refuses.</summary>
    public string FailureMode { get; set; } = "FailOpen";
}
