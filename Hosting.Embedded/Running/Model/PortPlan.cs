using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Which ports an endpoint gets. There are no proxies here: a process is reached on the port it listens on.</summary>
/// <param name="Public">Where clients connect; null for a free port.</param>
/// <param name="Target">Where the process listens; null for the same as the public one.</param>
internal readonly record struct PortPlan(int? Public, int? Target)
{
    /// <param name="resource">The endpoint's resource.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="randomize">Leave the choice of public ports to the run, so that several applications can run at once.</param>
    /// <exception cref="DistributedApplicationException">The ports asked for need a proxy.</exception>
    public static PortPlan For(IResource resource, EndpointAnnotation endpoint, bool randomize)
    {
        var target = NullIfZero(endpoint.SpecifiedTargetPort);
        var wanted = NullIfZero(endpoint.SpecifiedPort);
        var port = randomize && endpoint.IsProxied ? null : wanted;
        if (resource is ContainerResource)
        {
            return new(endpoint.IsProxied ? port : port ?? target, target);
        }

        if (wanted is not null && target is not null && wanted != target)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' has port {wanted} and target port {target}, which takes a proxy; give it one port.");
        }

        return new(target ?? port, null);
    }

    private static int? NullIfZero(int? port) => port == 0 ? null : port;
}
