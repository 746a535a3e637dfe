using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Who may connect to pods; whoever no rule names may not.</summary>
public sealed class NetworkPolicy() : BaseKubernetesResource("networking.k8s.io/v1", "NetworkPolicy")
{
    public NetworkPolicySpec Spec { get; } = new();
}

/// <summary>Which pods, and from where.</summary>
public sealed class NetworkPolicySpec
{
    public LabelSelectorV1 PodSelector { get; } = new();

    public List<string> PolicyTypes { get; } = ["Ingress"];

    public List<IngressRule> Ingress { get; } = [];
}

/// <summary>From these peers, or anyone when there are none, to these ports, or all when there are none.</summary>
public sealed class IngressRule
{
    public List<NetworkPeer> From { get; } = [];

    public List<NetworkPort> Ports { get; } = [];
}

/// <summary>Pods of the same namespace.</summary>
public sealed class NetworkPeer(LabelSelectorV1 podSelector)
{
    public LabelSelectorV1 PodSelector { get; } = podSelector;
}

/// <summary>A TCP port.</summary>
public sealed class NetworkPort(int port)
{
    public int Port { get; } = port;

    public string Protocol { get; init; } = "TCP";
}
