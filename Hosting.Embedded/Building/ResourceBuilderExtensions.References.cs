using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Tells this resource where all endpoints of another are.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        ServiceReference.From(builder, source.Resource).UseAll();
        return builder.WithReferenceRelationship(source.Resource);
    }

    /// <summary>Tells this resource where one endpoint of another is.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        ServiceReference.From(builder, endpointReference.Resource).Use(endpointReference.EndpointName);
        return builder.WithReferenceRelationship(endpointReference.Resource);
    }

    /// <summary>Gives this resource the connection string of another, whole and in parts.</summary>
    /// <param name="builder">The resource that connects.</param>
    /// <param name="source">What it connects to.</param>
    /// <param name="connectionName">Name under which it looks the string up; the source's name when null.</param>
    /// <param name="optional">Start without when there is none.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        var connection = new ConnectionStringVariables(source.Resource, connectionName ?? source.Resource.Name, optional);
        return builder.WithEnvironment(context => connection.AddTo(context.EnvironmentVariables)).WithReferenceRelationship(source.Resource);
    }

    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource
        => builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, "Reference"));
}
