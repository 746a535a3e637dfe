using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds the Envoy endpoint picker: it decides which engine serves a request.</summary>
public static class EndpointPickerExtensions
{
    internal const string GrpcEndpointName = "grpc";
    internal const string GrpcHealthEndpointName = "grpc-health";

    private const int DefaultGrpcPort = 9002;
    private const int DefaultHealthPort = 9003;
    private const int DefaultMetricsPort = 9090;

    /// <summary>Adds an endpoint picker that speaks Envoy's ext_proc.</summary>
    /// <typeparam name="TProject">The picker's project.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="grpcPort">Port of ext_proc; when absent, 9002, in a run the first free one from there on.</param>
    /// <param name="healthPort">Port of the gRPC health service; likewise 9003.</param>
    /// <param name="metricsPort">Port of <c>/metrics</c>, <c>/health</c> and <c>/debug/decisions</c>; likewise 9090.</param>
    public static IResourceBuilder<ProjectResource> AddEndpointPicker<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? grpcPort = null, int? healthPort = null, int? metricsPort = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);

        var metrics = metricsPort ?? builder.UsualPort(DefaultMetricsPort);
        return builder.AddProject<TProject>(name, options => options.ExcludeLaunchProfile = true)
            .WithPort(LlmdRouterExtensions.HttpEndpointName, "http", "--metrics-port", metrics)
            .WithPort(GrpcEndpointName, "http", "--grpc-port", grpcPort ?? builder.UsualPort(DefaultGrpcPort))
            .WithEndpoint(GrpcEndpointName, endpoint => endpoint.Transport = "http2")
            .WithPort(GrpcHealthEndpointName, "tcp", "--grpc-health-port", healthPort ?? builder.UsualPort(DefaultHealthPort))
            .WithArgs("--secure-serving=false")
            .WithHttpHealthCheck("/health", endpointName: LlmdRouterExtensions.HttpEndpointName)
            .WithIconName("BranchCompare")
            .AsPublishedService(metrics, "/health");
    }

    /// <summary>Picks as an EndpointPickerConfig in a file says, which is read again whenever it changes; without one, by queue, cache use and prefix.</summary>
    /// <param name="builder">The picker.</param>
    /// <param name="file">Relative to the AppHost.</param>
    public static IResourceBuilder<ProjectResource> WithPickerConfigFile(this IResourceBuilder<ProjectResource> builder, string file)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(file);

        return builder.WithArgs("--config-file", Path.GetFullPath(file, builder.ApplicationBuilder.AppHostDirectory));
    }

    /// <summary>Picks as an EndpointPickerConfig says.</summary>
    /// <param name="builder">The picker.</param>
    /// <param name="yaml">Its text.</param>
    public static IResourceBuilder<ProjectResource> WithPickerConfig(this IResourceBuilder<ProjectResource> builder, string yaml)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(yaml);

        return builder.WithArgs("--config-text", yaml);
    }

    /// <summary>Picks among these engines, by the roles they were given.</summary>
    public static IResourceBuilder<ProjectResource> WithCandidates(
        this IResourceBuilder<ProjectResource> builder, params IEnumerable<IResourceBuilder<VllmResource>> engines)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(engines);

        var all = new ReferenceExpressionBuilder();
        foreach (var engine in engines.Select(engine => engine.Resource))
        {
            builder.WithReferenceRelationship(engine);
            all.AppendLiteral(all.IsEmpty ? "" : ",");
            all.AppendFormatted(engine.HttpEndpoint);
            all.AppendLiteral(engine.Ranks is > 1 and var ranks ? $"@0..{ranks - 1}" : "");
            all.AppendLiteral(engine.TryGetLastAnnotation<EngineRoleAnnotation>(out var role) ? $";llm-d.ai/role={role.Label}" : "");
            // The name of the resource, under the label that published pods carry it in: addresses alone tell a person little.
            all.AppendLiteral($";app.kubernetes.io/component={engine.Name}");
        }

        return builder.WithArgs("--endpoints", all.Build());
    }

    /// <summary>Asks this index who holds how much of a prompt.</summary>
    public static IResourceBuilder<ProjectResource> WithKvIndexer(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource> indexer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(indexer);

        return builder.WithAddressOf(indexer, "--kv-indexer");
    }

    /// <summary>Lets the picker decide for this router, over ext_proc as Envoy asks it.</summary>
    public static IResourceBuilder<ProjectResource> WithEndpointPicker(
        this IResourceBuilder<ProjectResource> router, IResourceBuilder<ProjectResource> picker)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(picker);

        return router.WithAddressOf(picker, "--epp", GrpcEndpointName);
    }

    private static IResourceBuilder<ProjectResource> WithPort(
        this IResourceBuilder<ProjectResource> builder, string endpoint, string scheme, string flag, int port) =>
        builder
            .WithEndpoint(port: port, targetPort: port, scheme: scheme, name: endpoint, isProxied: false)
            .OnLoopback(endpoint)
            .WithArgs(flag, port.ToString(CultureInfo.InvariantCulture));
}
