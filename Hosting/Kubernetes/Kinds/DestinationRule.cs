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
public sealed class LoadBalancing(ConsistentHash consistentHash)
{
    public ConsistentHash ConsistentHash { get; } = consistentHash;
}

/// <summary>The header that is hashed.</summary>
public sealed class ConsistentHash(string httpHeaderName)
{
    public string HttpHeaderName { get; } = httpHeaderName;
}

/// <summary>TLS of the proxies as a client.</summary>
/// <param name="mode"><c>SIMPLE</c>, <c>DISABLE</c> or <c>ISTIO_MUTUAL</c>.</param>
/// <param name="insecureSkipVerify">Takes any certificate, such as one the server signed itself.</param>
public sealed class ClientTls(string mode, bool? insecureSkipVerify = null)
{
    public string Mode { get; } = mode;

    public bool? InsecureSkipVerify { get; } = insecureSkipVerify;
}

/// <summary>Limits of the connections to a Service.</summary>
public sealed class ConnectionPool(TcpPool tcp, HttpPool http)
{
    public TcpPool Tcp { get; } = tcp;

    public HttpPool Http { get; } = http;
}

/// <summary>TCP connections.</summary>
public sealed class TcpPool(int maxConnections, string maxConnectionDuration, string connectTimeout)
{
    public int MaxConnections { get; } = maxConnections;

    public string MaxConnectionDuration { get; } = maxConnectionDuration;

    public string ConnectTimeout { get; } = connectTimeout;
}

/// <summary>Requests on them.</summary>
public sealed class HttpPool(int http1MaxPendingRequests, int maxRequestsPerConnection, int http2MaxRequests, string idleTimeout)
{
    public int Http1MaxPendingRequests { get; } = http1MaxPendingRequests;

    public int MaxRequestsPerConnection { get; } = maxRequestsPerConnection;

    public int Http2MaxRequests { get; } = http2MaxRequests;

    public string IdleTimeout { get; } = idleTimeout;
}
