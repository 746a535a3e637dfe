using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds the index of what every engine's KV cache holds.</summary>
public static class KvIndexerExtensions
{
    internal const int DefaultPort = 8080;

    /// <summary>Adds a KV indexer: it listens to engines' KV-cache events and says who holds how much of a prompt.</summary>
    /// <typeparam name="TProject">The indexer's project.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="port">Port of its API; when absent, 8080, in a run the first free one from there on.</param>
    public static IResourceBuilder<ProjectResource> AddKvIndexer<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddService<TProject>(name, port ?? builder.UsualPort(DefaultPort), "/health").WithIconName("DatabaseSearch");
    }

    /// <summary>Shares what the indexer learns with its replicas, and with itself after a restart, through a Redis that is reached over plain TCP.</summary>
    public static IResourceBuilder<ProjectResource> WithRedis(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<RedisResource> redis)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(redis);

        builder
            .WithReferenceRelationship(redis.Resource)
            .WithArgs("--redis", ReferenceExpression.Create($"{redis.Resource.Host}:{redis.Resource.Port}"));
        return redis.Resource.PasswordParameter is { } password
            ? builder.WithEnvironment(context => context.EnvironmentVariables["LLMD_KVINDEXER_REDIS_PASSWORD"] = password)
            : builder;
    }

    /// <summary>Listens to these engines; each must publish events (<c>WithKvEvents</c>).</summary>
    public static IResourceBuilder<ProjectResource> WithKvEventsFrom(
        this IResourceBuilder<ProjectResource> builder, params IEnumerable<IResourceBuilder<VllmResource>> engines)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(engines);

        foreach (var engine in engines.Select(engine => engine.Resource))
        {
            builder
                .WithReferenceRelationship(engine)
                .WithArgs("--engine", ReferenceExpression.Create(
                    $"{engine.HttpEndpoint},events={engine.KvEventsEndpoint},replay={engine.KvReplayEndpoint},ranks={engine.Ranks.ToString(CultureInfo.InvariantCulture)},model={engine.Model}"));
        }

        return builder;
    }
}
