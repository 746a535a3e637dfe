namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line in the picture of the application: this resource refers to or waits for another.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    /// <summary><c>Reference</c>, <c>WaitFor</c>.</summary>
    public string Type { get; } = type;
}
