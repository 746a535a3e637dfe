namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line in the picture of the application: this resource refers to, waits for or belongs to another.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    /// <summary><c>Reference</c>, <c>WaitFor</c>, <c>Parent</c>.</summary>
    public string Type { get; } = type;
}
