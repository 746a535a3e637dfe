using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>Models that nothing is started from.</summary>
internal static class Models
{
    public static IDistributedApplicationBuilder New(params string[] args)
        => DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

    /// <summary>Gives every endpoint an address, as a run would: the ports asked for, else 5001, 5002 and so on.</summary>
    public static void Allocate(this IDistributedApplicationBuilder builder)
    {
        var next = 5001;
        foreach (var endpoint in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()))
        {
            var port = endpoint.Port ?? endpoint.TargetPort ?? next++;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, EndpointAllocation.ClientAddress(endpoint.TargetHost), port, $"{endpoint.TargetPort ?? port}");
        }
    }

    public static Task<Dictionary<string, string>> EnvironmentAsync<T>(this IResourceBuilder<T> resource)
        where T : IResource
        => ExecutionValues.EnvironmentAsync(resource.Resource, resource.ApplicationBuilder.ExecutionContext, NullLogger.Instance, CancellationToken.None);

    public static Task<List<string>> ArgumentsAsync<T>(this IResourceBuilder<T> resource)
        where T : IResource
        => ExecutionValues.ArgumentsAsync(resource.Resource, resource.ApplicationBuilder.ExecutionContext, NullLogger.Instance, CancellationToken.None);

    /// <summary>A program that is never started.</summary>
    public static IResourceBuilder<ExecutableResource> AddProgram(this IDistributedApplicationBuilder builder, string name)
        => builder.AddExecutable(name, "program", ".");

    /// <summary>A resource that may be referenced by name.</summary>
    public static IResourceBuilder<ProjectResource> AddService(this IDistributedApplicationBuilder builder, string name)
        => builder.AddResource(new ProjectResource(name));
}
