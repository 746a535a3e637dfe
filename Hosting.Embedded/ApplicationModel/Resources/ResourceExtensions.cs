using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Reads the model.</summary>
public static class ResourceExtensions
{
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation)
        where T : IResourceAnnotation
        => (annotation = resource.Annotations.OfType<T>().LastOrDefault()) is not null;

    public static bool HasAnnotationOfType<T>(this IResource resource)
        where T : IResourceAnnotation
        => resource.Annotations.OfType<T>().Any();

    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource)
        => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint));

    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    /// <summary>Registry, image and tag or digest, as a container runtime wants them.</summary>
    public static bool TryGetContainerImageName(this IResource resource, [NotNullWhen(true)] out string? imageName)
    {
        imageName = null;
        if (!resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            return false;
        }

        var registry = string.IsNullOrEmpty(image.Registry) ? "" : image.Registry + "/";
        var version = image switch
        {
            { SHA256.Length: > 0 } => "@sha256:" + image.SHA256,
            { Tag.Length: > 0 } => ":" + image.Tag,
            _ => "",
        };
        imageName = registry + image.Image + version;
        return true;
    }
}
