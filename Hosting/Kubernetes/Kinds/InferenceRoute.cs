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
/// <param name="Group">API group; empty for a Service.</param>
/// <param name="Kind"><c>Service</c> or <c>InferencePool</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Port">Port of a Service; a pool knows its own.</param>
/// <param name="Weight">Share of the requests.</param>
public sealed record RouteBackend(string Group, string Kind, string Name, int? Port = null, int? Weight = null);

/// <summary>How long a request may take, for example <c>300s</c>; <c>0s</c> is for ever.</summary>
public sealed record RouteTimeouts(string Request, string? BackendRequest = null);
