using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds the OpenAI-compatible front of a stack.</summary>
public static class LlmdRouterExtensions
{
    internal const string HttpEndpointName = "http";
    internal const int DefaultPort = 30000;

    /// <summary>Adds a router: clients talk to it, it talks to the engines.</summary>
    /// <typeparam name="TProject">The router's project.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="port">Port of the OpenAI API; when absent, 30000, in a run the first free one from there on.</param>
    public static IResourceBuilder<ProjectResource> AddLlmdRouter<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Healthy means one engine can serve: a dead engine must not take the router down with it.
        return builder.AddService<TProject>(name, port ?? builder.UsualPort(DefaultPort), "/readiness")
            .WithExternalHttpEndpoints()
            .WithArgs("--prometheus-port", "0")
            .WithIconName("ArrowRouting");
    }

    /// <summary>Spreads the router's requests over these engines.</summary>
    public static IResourceBuilder<ProjectResource> WithEngines(
        this IResourceBuilder<ProjectResource> builder, params IEnumerable<IResourceBuilder<VllmResource>> engines)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(engines);

        var endpoints = engines.Select(engine => engine.Resource.HttpEndpoint).ToArray();
        foreach (var endpoint in endpoints)
        {
            builder.WithReferenceRelationship(endpoint.Resource);
        }

        return builder.WithArgs(["--worker-urls", .. endpoints]);
    }

    /// <summary>Lets a prefill and a decode engine share each request, as the router itself pairs them.</summary>
    public static IResourceBuilder<ProjectResource> WithPrefillDecode(
        this IResourceBuilder<ProjectResource> builder, IEnumerable<IResourceBuilder<VllmResource>> prefill, IEnumerable<IResourceBuilder<VllmResource>> decode)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(decode);

        builder.WithArgs("--pd-disaggregation");
        AddStage("--prefill", "--prefill-data-parallel-size", [.. prefill]);
        AddStage("--decode", "--decode-data-parallel-size", [.. decode]);
        return builder;

        void AddStage(string flag, string ranksFlag, IResourceBuilder<VllmResource>[] engines)
        {
            foreach (var engine in engines.Select(engine => engine.Resource))
            {
                builder.WithReferenceRelationship(engine).WithArgs(flag, engine.HttpEndpoint);
            }

            if (engines is [var first, ..])
            {
                builder.WithArgs(ranksFlag, first.Resource.Ranks.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Chooses how the router picks an engine, by vllm-router's policy name, for example <c>round_robin</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithPolicy(this IResourceBuilder<ProjectResource> builder, string policy)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);

        return builder.WithArgs("--policy", policy);
    }

    /// <summary>Adds one of this stack's services: a project that takes its port as a flag and has health and metrics on it.</summary>
    internal static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, int port, string healthPath)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name, options => options.ExcludeLaunchProfile = true)
            .WithHttpEndpoint(port: port, targetPort: port, name: HttpEndpointName, isProxied: false)
            .OnLoopback(HttpEndpointName)
            .WithArgs("--port", port.ToString(CultureInfo.InvariantCulture))
            .WithHttpHealthCheck(healthPath, endpointName: HttpEndpointName)
            .AsPublishedService(port, healthPath);

    /// <summary>Publishes one of this stack's services so that the pods of others reach it.</summary>
    internal static IResourceBuilder<ProjectResource> AsPublishedService(this IResourceBuilder<ProjectResource> builder, int port, string healthPath)
    {
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            builder.WithArgs("--host", "0.0.0.0");
        }

        return builder.WithPublishedPod(new ServicePod
        {
            Liveness = new() { HttpGet = new() { Path = "/alive", Port = port, Scheme = "HTTP" }, PeriodSeconds = 10 },
            Readiness = new() { HttpGet = new() { Path = healthPath, Port = port, Scheme = "HTTP" }, PeriodSeconds = 5 },
        });
    }

    /// <summary>Tells a service where another one listens, by a flag, and records that it depends on it.</summary>
    internal static IResourceBuilder<ProjectResource> WithAddressOf(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource> other, string flag, string endpoint = HttpEndpointName) =>
        builder.WithReferenceRelationship(other.Resource).WithArgs(flag, other.GetEndpoint(endpoint));
}
