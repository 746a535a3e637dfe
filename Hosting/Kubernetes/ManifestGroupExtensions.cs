using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>Adds Kubernetes objects of any kind to a published application.</summary>
public static class ManifestGroupExtensions
{
    // Never pulled. Without an image, Aspire would ask for one in values.yaml.
    private const string NoImage = "none";

    /// <summary>Adds a folder of objects to the chart. A run does not see them.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the folder.</param>
    /// <param name="manifests">The objects; each needs a name of its own within the folder, since Aspire names files by it.</param>
    /// <exception cref="DistributedApplicationException">Two objects have one name.</exception>
    public static IResourceBuilder<ManifestGroupResource> AddManifests(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, params IEnumerable<BaseKubernetesResource> manifests)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(manifests);

        var group = new ManifestGroupResource(name);
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return builder.CreateResourceBuilder(group);
        }

        var all = manifests.ToList();
        if (all.GroupBy(manifest => manifest.Metadata.Name).FirstOrDefault(same => same.Count() > 1) is { } same)
        {
            throw new DistributedApplicationException(
                $"Folder '{name}' has two objects named '{same.Key}' ({string.Join(", ", same.Select(manifest => manifest.Kind))}), and the later would overwrite the file of the earlier; put one into another folder.");
        }

        return builder.AddResource(group).WithImage(NoImage).PublishAsKubernetesService(service =>
        {
            service.Workload = null;
            service.AdditionalResources.AddRange(all);
        });
    }
}
