using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>A port of a resource in the cluster.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Scheme">The endpoint's scheme.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Container">Where the container listens: a number, or a reference to one.</param>
/// <param name="Exposed">Where clients connect.</param>
internal sealed record PublishedPort(string Name, string Scheme, string Protocol, string Container, string Exposed)
{
    /// <summary>Where a project listens that was not told a port; the base image's default.</summary>
    public const int ProjectDefault = 8080;

    /// <summary>The ports of a resource, in order, each number and protocol once.</summary>
    public static IReadOnlyList<PublishedPort> Of(IResource resource)
        => [.. All(resource).DistinctBy(port => (port.Container, port.Protocol))];

    /// <summary>The port of an endpoint.</summary>
    public static PublishedPort Of(EndpointReference endpoint)
        => All(endpoint.Resource).FirstOrDefault(port => port.Name == endpoint.EndpointAnnotation.Name)
            ?? throw new DistributedApplicationException($"Endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}' is not published.");

    /// <summary>The key of the parameter that holds the port of a project that was not told one.</summary>
    public static string ParameterOf(string endpointName) => $"port_{endpointName}";

    private static IEnumerable<PublishedPort> All(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var protocol = endpoint.Protocol == ProtocolType.Udp ? "UDP" : "TCP";
            var target = endpoint.TargetPort is > 0 and var given ? given : resource is ContainerResource ? endpoint.Port : null;
            if (target is null && resource is ProjectResource && endpoint.UriScheme is "http" or "https")
            {
                // There is no certificate in the pod: https is somebody else's before it, and shares the http port.
                var http = endpoint.UriScheme == "https"
                    ? resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(other => other.UriScheme == "http") ?? endpoint
                    : endpoint;
                var port = HelmExpression.AsInteger(HelmExpression.Value(HelmExpression.Parameters, resource.Name, ParameterOf(http.Name)));
                yield return new PublishedPort(endpoint.Name, endpoint.UriScheme, protocol, port, port);
                continue;
            }

            if (target is not > 0)
            {
                throw new DistributedApplicationException(
                    $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' has no target port; a published one needs it.");
            }

            yield return new PublishedPort(endpoint.Name, endpoint.UriScheme, protocol, Text(target.Value), Text(endpoint.Port is > 0 and var port2 ? port2 : target.Value));
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
