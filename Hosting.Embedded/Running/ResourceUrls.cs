using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The links of a resource: one per endpoint, changed as the model says.</summary>
internal static class ResourceUrls
{
    public static ImmutableArray<UrlSnapshot> Of(IResource resource)
    {
        if (resource is not IResourceWithEndpoints withEndpoints)
        {
            return [];
        }

        var links = withEndpoints.GetEndpoints()
            .Where(endpoint => endpoint.IsAllocated)
            .Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint })
            .ToList();
        foreach (var change in resource.Annotations.OfType<EndpointUrlAnnotation>())
        {
            if (links.FirstOrDefault(link => ModelName.Comparer.Equals(link.Endpoint!.EndpointName, change.EndpointName)) is { } link)
            {
                change.Change(link);
            }
        }

        return [.. links.Select(ToSnapshot)];
    }

    private static UrlSnapshot ToSnapshot(ResourceUrlAnnotation link)
    {
        // A changed link may be relative to its endpoint.
        var url = Uri.TryCreate(link.Url, UriKind.Absolute, out _) && !link.Url.StartsWith('/') ? link.Url : new Uri(new Uri(link.Endpoint!.Url), link.Url).ToString();
        return new UrlSnapshot(link.Endpoint!.EndpointName, url, link.DisplayLocation == UrlDisplayLocation.DetailsOnly)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(link.DisplayText ?? ""),
        };
    }
}
