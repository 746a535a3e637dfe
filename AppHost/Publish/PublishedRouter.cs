using System.Globalization;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Adds the stack's own router as the front of a cluster.</summary>
internal static class PublishedRouter
{
    public const string PortName = "http";

    /// <summary>Adds a router that listens on <paramref name="port"/> and takes <paramref name="arguments"/> beside those of every service.</summary>
    public static void AddRouter(this IDistributedApplicationBuilder builder, ClusterPlan plan, int port, params IEnumerable<string> arguments)
    {
        var name = plan.Names.Router;
        builder.AddContainer(name, plan.Images.Router, plan.Images.Tag)
            .WithHttpEndpoint(targetPort: port, name: PortName)
            .WithArgs(["--host", "0.0.0.0", "--port", port.ToString(CultureInfo.InvariantCulture), "--prometheus-port", "0", .. arguments])
            .WithPublishedPod(new ServicePod
            {
                Name = name,
                CpuRequest = "2",
                MemoryRequest = "1Gi",
                MemoryLimit = "4Gi",
                Liveness = new() { HttpGet = new() { Path = "/alive", Port = port, Scheme = "HTTP" }, PeriodSeconds = 10 },
                Readiness = new() { HttpGet = new() { Path = "/readiness", Port = port, Scheme = "HTTP" }, PeriodSeconds = 5 },
            });

        builder.AddManifests("router", PublishedServices.Of(name, (PortName, port)));
    }
}
