using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>Makes the objects of a gateway of the model.</summary>
internal static class GatewayComposer
{
    private const int HttpPort = 80;

    /// <summary>The Gateway and its HTTPRoute; nothing for a gateway without routes.</summary>
    /// <exception cref="DistributedApplicationException">The gateway has no class, or a route leads to an endpoint that is not external.</exception>
    public static IReadOnlyList<BaseKubernetesResource> Compose(KubernetesGatewayResource gateway)
    {
        if (gateway.Routes.Count == 0)
        {
            return [];
        }

        var name = KubernetesName.Of(gateway.Name);
        var composed = new GatewayV1 { Metadata = { Name = name }, Spec = { GatewayClassName = ClassOf(gateway) } };
        composed.Spec.Listeners.Add(new()
        {
            Name = "http", Protocol = "HTTP", Port = HttpPort, AllowedRoutes = new() { Namespaces = new() { From = "Same" } },
        });

        var route = new HttpRouteV1 { Metadata = { Name = $"{name}-route" } };
        route.Spec.ParentRefs.Add(new() { Name = name });
        route.Spec.Rules.AddRange(gateway.Routes.Select(rule => RuleOf(gateway, rule)));
        return [composed, route];
    }

    private static string ClassOf(KubernetesGatewayResource gateway)
        => gateway.GatewayClassName?.ValueExpression
            ?? throw new DistributedApplicationException($"Gateway '{gateway.Name}' has no class; WithGatewayClass says which controller serves it.");

    private static HttpRouteRuleV1 RuleOf(KubernetesGatewayResource gateway, KubernetesGatewayResource.Route route)
    {
        var endpoint = route.Endpoint;
        if (!endpoint.EndpointAnnotation.IsExternal)
        {
            throw new DistributedApplicationException(
                $"Gateway '{gateway.Name}' leads to endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}', which is not external; WithExternalHttpEndpoints makes it so.");
        }

        var port = PublishedPort.Of(endpoint).Exposed;
        return new HttpRouteRuleV1
        {
            Matches = { new() { Path = new() { Type = route.PathType.ToString(), Value = route.Path } } },
            BackendRefs = { new() { Name = KubernetesName.Service(endpoint.Resource.Name), Port = int.TryParse(port, CultureInfo.InvariantCulture, out var number) ? number : PublishedPort.ProjectDefault } },
        };
    }
}
