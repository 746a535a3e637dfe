using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost references.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new()
        => builder.AddProject<TProject>(name, _ => { });

    /// <inheritdoc cref="AddProject{TProject}(IDistributedApplicationBuilder, string)"/>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var options = new ProjectResourceOptions();
        configure(options);
        var metadata = new TProject();
        var project = builder.AddResource(new ProjectResource(name))
            .WithAnnotation(metadata)
            .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")
            .WithOtlpExporter()
            .WithEnvironment(builder.ExecutionContext.IsPublishMode ? AspNetCorePorts.AddTo : AspNetCoreUrls.AddTo);
        if (!options.ExcludeLaunchProfile)
        {
            LaunchProfiles.Apply(project, metadata, options.LaunchProfileName);
        }

        return project;
    }
}
