using System.Globalization;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Gives every endpoint of the application its address.</summary>
internal static class EndpointAllocation
{
    /// <exception cref="DistributedApplicationException">A port is taken, or asked for twice.</exception>
    public static void AllocateAll(IEnumerable<IResource> resources, FreePorts ports, bool randomize)
    {
        var pending = (
            from resource in resources
            from endpoint in resource.Annotations.OfType<EndpointAnnotation>()
            where endpoint.AllocatedEndpoint is null
            select (resource, endpoint, plan: PortPlan.For(resource, endpoint, randomize))).ToList();

        // Ports that were asked for come first, so that none of them is given away as a free one.
        foreach (var (resource, endpoint, plan) in pending.Where(p => p.plan.Public is not null))
        {
            var port = plan.Public!.Value;
            if (!ports.TryTake(port))
            {
                throw new DistributedApplicationException(
                    $"Port {port} of resource '{resource.Name}' (endpoint '{endpoint.Name}') is in use; stop what uses it or choose another port.");
            }

            Allocate(endpoint, port, plan);
        }

        foreach (var (_, endpoint, plan) in pending.Where(p => p.plan.Public is null))
        {
            Allocate(endpoint, ports.Take(), plan);
        }
    }

    /// <summary>The address under which clients on this machine reach a process that binds to <paramref name="targetHost"/>.</summary>
    internal static string ClientAddress(string targetHost)
        => IPAddress.TryParse(targetHost, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? targetHost
            : "localhost";

    private static void Allocate(EndpointAnnotation endpoint, int port, PortPlan plan)
        => endpoint.AllocatedEndpoint = new AllocatedEndpoint(
            endpoint, ClientAddress(endpoint.TargetHost), port, (plan.Target ?? port).ToString(CultureInfo.InvariantCulture));
}
