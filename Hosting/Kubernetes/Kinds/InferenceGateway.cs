using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>A Gateway with parameters for its deployment, which Aspire's own kind lacks.</summary>
public sealed class InferenceGateway() : BaseKubernetesResource(ApiVersionName, "Gateway")
{
    public const string Group = "gateway.networking.k8s.io";
    internal const string ApiVersionName = $"{Group}/v1";

    public InferenceGatewaySpec Spec { get; } = new();
}

/// <summary>Who serves the gateway, and on which ports.</summary>
public sealed class InferenceGatewaySpec
{
    public string? GatewayClassName { get; set; }

    public List<GatewayListenerV1> Listeners { get; } = [];

    /// <summary>Null where the class takes no parameters.</summary>
    public GatewayInfrastructure? Infrastructure { get; set; }
}

/// <summary>How the gateway's own pods are run.</summary>
public sealed class GatewayInfrastructure
{
    public Dictionary<string, string> Labels { get; } = [];

    /// <summary>Group, kind and name of an object in the form that the class understands.</summary>
    /// <remarks>A dictionary, because the group of a ConfigMap is empty and must be there all the same: empty properties are not written, empty entries are.</remarks>
    public Dictionary<string, string> ParametersRef { get; } = [];
}

/// <summary>Another object of the namespace.</summary>
/// <param name="group">API group; empty for the core one.</param>
/// <param name="kind">Its kind.</param>
/// <param name="name">Its name.</param>
public sealed class ObjectReference(string group, string kind, string name)
{
    public string Group { get; } = group;

    public string Kind { get; } = kind;

    public string Name { get; } = name;
}
