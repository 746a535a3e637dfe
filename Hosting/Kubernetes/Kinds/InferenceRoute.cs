using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>An HTTPRoute whose backends may be pools, which Aspire's own kind cannot name.</summary>
public sealed class InferenceRoute() : BaseKubernetesResource(InferenceGateway.ApiVersionName, "HTTPRoute")
{
    public InferenceRouteSpec Spec { get; } = new();
}

/// <summary>Of which gateway, for which hosts, to which backends.</summary>
public sealed class InferenceRouteSpec
{
    public List<ObjectReference> ParentRefs { get; } = [];

    /// <summary>Empty for every host.</summary>
    public List<string> Hostnames { get; } = [];

    public List<InferenceRouteRule> Rules { get; } = [];
}

/// <summary>Requests that match, and to whom they go.</summary>
public sealed class InferenceRouteRule
{
    public List<HttpRouteMatchV1> Matches { get; } = [];

    public List<RouteBackend> BackendRefs { get; } = [];

    /// <summary>Null where the gateway class refuses timeouts.</summary>
    public RouteTimeouts? Timeouts { get; set; }
}

/// <summary>A backend of a route.</summary>
/// <param name="group">API group; empty for a Service.</param>
/// <param name="kind"><c>Service</c> or <c>InferencePool</c>.</param>
/// <param name="name">Its name.</param>
/// <param name="port">Port of a Service; a pool knows its own.</param>
/// <param name="weight">Share of the requests.</param>
public sealed class RouteBackend(string group, string kind, string name, int? port = null, int? weight = null)
{
    public string Group { get; } = group;

    public string Kind { get; } = kind;

    public string Name { get; } = name;

    public int? Port { get; } = port;

    public int? Weight { get; } = weight;
}

/// <summary>How long a request may take, for example <c>300s</c>; <c>0s</c> is for ever.</summary>
public sealed class RouteTimeouts(string request, string? backendRequest = null)
{
    public string Request { get; } = request;

    public string? BackendRequest { get; } = backendRequest;
}
