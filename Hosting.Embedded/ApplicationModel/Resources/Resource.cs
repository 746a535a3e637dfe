using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Base of all resources: a checked name and a list of annotations.</summary>
public abstract class Resource : IResource
{
    /// <param name="name">1 to 64 ASCII letters, digits and single hyphens, starting with a letter.</param>
    protected Resource(string name)
    {
        ModelName.Check("Resource", name);
        Name = name;
    }

    public virtual string Name { get; }

    /// <summary>Virtual, so that a resource that stands in for another can share its annotations.</summary>
    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}
