using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds the web page of a stack.</summary>
public static class LlmdDashboardExtensions
{
    internal const int DefaultPort = 18080;

    /// <summary>Adds the dashboard: live engines, recent requests and why each went where it went.</summary>
    /// <typeparam name="TProject">The dashboard's project.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="router">The router it shows and whose requests it explains.</param>
    /// <param name="port">Port of the page; when absent, 18080, in a run the first free one from there on.</param>
    public static IResourceBuilder<ProjectResource> AddLlmdDashboard<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, IResourceBuilder<ProjectResource> router, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(router);

        return builder.AddService<TProject>(name, port ?? builder.UsualPort(DefaultPort), "/health")
            .WithExternalHttpEndpoints()
            .WithAddressOf(router, "--router")
            .WithIconName("DataArea");
    }

    /// <summary>Lets the page link to the Aspire dashboard, where traces, logs and metrics live.</summary>
    public static IResourceBuilder<ProjectResource> WithAspireDashboardLink(this IResourceBuilder<ProjectResource> builder, Uri url)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(url);

        return builder.WithArgs("--aspire-dashboard", url.GetLeftPart(UriPartial.Authority));
    }

    /// <summary>Shows what this picker decides and why.</summary>
    public static IResourceBuilder<ProjectResource> ShowingEndpointPicker(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource> picker)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(picker);

        return builder.WithAddressOf(picker, "--epp-metrics");
    }

    /// <summary>Shows what this index knows of each engine.</summary>
    public static IResourceBuilder<ProjectResource> ShowingKvIndexer(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource> indexer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(indexer);

        return builder.WithAddressOf(indexer, "--kv-indexer");
    }
}
