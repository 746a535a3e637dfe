using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    private static readonly string[] s_httpEndpointNames = ["https", "http"];

    /// <summary>Ties a health check of the AppHost's services to the resource.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);

        return builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key)
            ? throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check '{key}'.")
            : builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Asks the resource over HTTP whether it is healthy.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path"><c>/</c> when null.</param>
    /// <param name="statusCode">The healthy answer; 200 when null.</param>
    /// <param name="endpointName">The http endpoint to ask; the one named http or https when null.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        var endpoint = HttpEndpointOf(builder, endpointName, "health check");
        var check = new HttpHealthCheck(endpoint, path ?? "/", statusCode ?? 200);
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path ?? "/"}_{statusCode ?? 200}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, check, failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    private static EndpointReference HttpEndpointOf<T>(IResourceBuilder<T> builder, string? endpointName, string purpose)
        where T : IResourceWithEndpoints
    {
        var name = builder.Resource.Name;
        var endpoint = endpointName is not null
            ? builder.GetEndpoint(endpointName)
            : s_httpEndpointNames.Select(builder.GetEndpoint).FirstOrDefault(e => e.Exists)
                ?? throw new DistributedApplicationException($"Resource '{name}' has no http endpoint for its {purpose}; add one first or name another.");
        if (!endpoint.Exists)
        {
            throw new DistributedApplicationException($"Resource '{name}' has no endpoint '{endpointName}' for its {purpose}; add it first.");
        }

        return endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new DistributedApplicationException($"Endpoint '{endpoint.EndpointName}' of resource '{name}' is not HTTP and cannot serve a {purpose}.");
    }
}
