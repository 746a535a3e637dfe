using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Adds gateways of the Gateway API.</summary>
public static class KubernetesGatewayExtensions
{
    public static IResourceBuilder<KubernetesGatewayResource> AddGateway(this IResourceBuilder<KubernetesEnvironmentResource> builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ApplicationBuilder.AddWhenPublishing(new KubernetesGatewayResource(name, builder.Resource));
    }

    public static IResourceBuilder<KubernetesGatewayResource> WithGatewayClass(this IResourceBuilder<KubernetesGatewayResource> builder, string className)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(className);
        builder.Resource.GatewayClassName = ReferenceExpression.Create($"{className}");
        return builder;
    }

    /// <summary>Sends requests for a path to an endpoint, which must be external.</summary>
    public static IResourceBuilder<KubernetesGatewayResource> WithRoute(
        this IResourceBuilder<KubernetesGatewayResource> builder, string path, EndpointReference endpoint, GatewayPathMatchType pathType = GatewayPathMatchType.PathPrefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpoint);
        if (path is not ['/', ..])
        {
            throw new ArgumentException($"'{path}' is not a path; it must begin with /.", nameof(path));
        }

        builder.Resource.Routes.Add(new(path, pathType, endpoint));
        return builder;
    }
}
