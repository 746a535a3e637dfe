using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The annotations of one resource, in the order they were added.</summary>
/// <remarks>Safe to read while another thread adds: event handlers may annotate resources that are already starting.</remarks>
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>
{
    public ResourceAnnotationCollection()
        : base(new LlmdAspire.Hosting.Embedded.CopyOnWriteList<IResourceAnnotation>())
    {
    }
}
