using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>How Istio's proxies talk to a Service.</summary>
public sealed class DestinationRule() : BaseKubernetesResource("networking.istio.io/v1", "DestinationRule")
{
    public DestinationRuleSpec Spec { get; } = new();
}

/// <summary>Which Service, and how.</summary>
public sealed class DestinationRuleSpec
{
    /// <summary>DNS name of the Service.</summary>
    public string? Host { get; set; }

    public TrafficPolicy TrafficPolicy { get; } = new();
}

/// <summary>Load balancing, connections and TLS towards a Service.</summary>
public sealed class TrafficPolicy
{
    public LoadBalancing? LoadBalancer { get; set; }

    public ConnectionPool? ConnectionPool { get; set; }

    public ClientTls? Tls { get; set; }
}

/// <summary>Same header, same pod.</summary>
public sealed record LoadBalancing(ConsistentHash ConsistentHash);

/// <summary>The header that is hashed.</summary>
public sealed record ConsistentHash(string HttpHeaderName);

/// <summary>TLS of the proxies as a client.</summary>
/// <param name="Mode"><c>SIMPLE</c>, <c>DISABLE</c> or <c>ISTIO_MUTUAL</c>.</param>
/// <param name="InsecureSkipVerify">Takes any certificate, such as one the server signed itself.</param>
public sealed record ClientTls(string Mode, bool? InsecureSkipVerify = null);

/// <summary>Limits of the connections to a Service.</summary>
public sealed record ConnectionPool(TcpPool Tcp, HttpPool Http);

/// <summary>TCP connections.</summary>
public sealed record TcpPool(int MaxConnections, string MaxConnectionDuration, string ConnectTimeout);

/// <summary>Requests on them.</summary>
public sealed record HttpPool(int Http1MaxPendingRequests, int MaxRequestsPerConnection, int Http2MaxRequests, string IdleTimeout);
