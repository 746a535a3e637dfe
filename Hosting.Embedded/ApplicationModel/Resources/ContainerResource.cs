namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container, run through docker or podman.</summary>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    /// <summary>Replaces the entry point of the image; null keeps it.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
