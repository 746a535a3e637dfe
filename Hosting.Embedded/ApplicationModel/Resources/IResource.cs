namespace Aspire.Hosting.ApplicationModel;

/// <summary>One part of the application: a project, a program, a container, a parameter.</summary>
public interface IResource
{
    /// <summary>Unique in the application, compared without case.</summary>
    string Name { get; }

    /// <summary>Everything said about the resource; the run reads it, the fluent methods add to it.</summary>
    ResourceAnnotationCollection Annotations { get; }
}
