using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A gateway of the Gateway API with routes to Services of the application.</summary>
public class KubernetesGatewayResource(string name, KubernetesEnvironmentResource environment) : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    public KubernetesEnvironmentResource Parent { get; } = environment;

    /// <summary>The controller that serves the gateway.</summary>
    public ReferenceExpression? GatewayClassName { get; set; }

    internal List<Route> Routes { get; } = [];

    /// <summary>Requests to a path, and to whom they go.</summary>
    internal sealed record Route(string Path, GatewayPathMatchType PathType, EndpointReference Endpoint);
}
