using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Changes an endpoint, or adds it.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, [EndpointName] string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);

        if (FindEndpoint(builder, endpointName) is { } existing)
        {
            callback(existing);
        }
        else if (createIfNotExists)
        {
            var added = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            callback(added);
            builder.WithAnnotation(added);
        }

        return builder;
    }

    /// <summary>Adds an endpoint; one of the same name is changed in what is given.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">Where clients connect; a free one when null.</param>
    /// <param name="targetPort">Where the process listens.</param>
    /// <param name="scheme">Scheme of the URL.</param>
    /// <param name="name">The scheme when null.</param>
    /// <param name="env">Variable that tells the process its port.</param>
    /// <param name="isProxied">False when clients connect to the process itself.</param>
    /// <param name="isExternal">Meant for clients outside the application.</param>
    /// <param name="protocol">TCP when null.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? scheme = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null,
        bool? isExternal = null,
        ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        var given = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, scheme, null, name, port, targetPort, isExternal, isProxied);
        var endpoint = FindEndpoint(builder, given.Name);
        if (endpoint is null)
        {
            endpoint = given;
            builder.WithAnnotation(given);
        }
        else
        {
            endpoint.Port = port ?? endpoint.SpecifiedPort;
            endpoint.TargetPort = targetPort ?? endpoint.SpecifiedTargetPort;
            endpoint.IsExternal = isExternal ?? endpoint.IsExternal;
            endpoint.IsExplicitlyProxied = isProxied ?? endpoint.IsExplicitlyProxied;
        }

        if (env is not null)
        {
            endpoint.TargetPortVariable = env;
            var targetPortValue = new EndpointReference(builder.Resource, endpoint).Property(EndpointProperty.TargetPort);
            builder.WithAnnotation(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[env] = targetPortValue));
        }

        return builder;
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, [EndpointName] string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints
        => builder.WithEndpoint(port, targetPort, scheme: "http", name, env, isProxied);

    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
        => builder.ForHttpEndpoints(endpoint => endpoint.IsExternal = true);

    /// <summary>Says that the http endpoints speak HTTP/2 without upgrade, as gRPC does.</summary>
    public static IResourceBuilder<T> AsHttp2Service<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
        => builder.ForHttpEndpoints(endpoint => endpoint.Transport = "http2");

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name);
    }

    private static EndpointAnnotation? FindEndpoint<T>(IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints
        => builder.Resource.Annotations.OfType<EndpointAnnotation>().SingleOrDefault(e => ModelName.Comparer.Equals(e.Name, name));

    private static IResourceBuilder<T> ForHttpEndpoints<T>(this IResourceBuilder<T> builder, Action<EndpointAnnotation> change)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
        {
            change(endpoint);
        }

        return builder;
    }
}
