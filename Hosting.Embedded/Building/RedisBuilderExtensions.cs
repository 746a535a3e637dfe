using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Redis.</summary>
public static class RedisBuilderExtensions
{
    private const string Registry = "docker.io";
    private const string Image = "library/redis";
    private const string Tag = "8.6";
    private const int ContainerPort = 6379;

    /// <summary>Adds a Redis server with a password.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource and of its connection string.</param>
    /// <param name="port">Port on this machine; a free one when null.</param>
    /// <param name="password">The password; a random one when null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        var redis = new RedisResource(name, password?.Resource ?? RandomPassword(builder, name));
        var check = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(check, new RedisHealthCheck(redis), failureStatus: null, tags: null));
        return builder.AddResource(redis)
            .WithEndpoint(port: port, targetPort: ContainerPort, name: RedisResource.PrimaryEndpointName, scheme: "redis")
            .WithImage(Image, Tag)
            .WithImageRegistry(Registry)
            .WithIconName("Database")
            .WithHealthCheck(check)
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context => context.EnvironmentVariables["REDIS_PASSWORD"] = redis.PasswordParameter!)
            // Through the environment and a shell, because arguments can be read by every user of the machine. Unquoted, as real Aspire publishes it.
            .WithArgs("-c", "redis-server --requirepass $REDIS_PASSWORD");
    }

    // A comma would end the password in StackExchange.Redis connection strings, so there is no punctuation.
    private static ParameterResource RandomPassword(IDistributedApplicationBuilder builder, string name)
    {
        var parameter = ParameterResourceBuilderExtensions.CreateParameter(builder, $"{name}-password", secret: true);
        parameter.Default = new GenerateParameterDefault { Special = false };
        return parameter;
    }
}
