using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>What is known of a resource before anything happened to it.</summary>
internal static class InitialSnapshot
{
    public static CustomResourceSnapshot Of(IResource resource) => new()
    {
        ResourceType = TypeOf(resource),
        Properties = PropertiesOf(resource),
        CreationTimeStamp = DateTime.UtcNow,
    };

    private static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ContainerResource => "Container",
        ExecutableResource => "Executable",
        ParameterResource => "Parameter",
        _ => resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal),
    };

    private static ImmutableArray<ResourcePropertySnapshot> PropertiesOf(IResource resource) => resource switch
    {
        ProjectResource project when project.Annotations.OfType<Aspire.Hosting.IProjectMetadata>().LastOrDefault() is { } metadata => [new("project.path", metadata.ProjectPath)],
        ContainerResource container when container.TryGetContainerImageName(out var image) => [new("container.image", image)],
        _ => [],
    };
}
