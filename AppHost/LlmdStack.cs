using Aspire.Hosting.Lifecycle;
using LlmdAspire.AppHost.Publish;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.AppHost;

/// <summary>Composes the stack that a command line asks for.</summary>
internal static class LlmdStack
{
    /// <summary>Adds the preset's resources, and what tells the user about them, to the application.</summary>
    public static void Compose(IDistributedApplicationBuilder builder, StackOptions options)
    {
        builder.Services.AddSingleton(options);
        if (builder.ExecutionContext.IsPublishMode)
        {
            PublishedStack.Compose(builder, options.Cluster);
            return;
        }

        options.Preset.Run(builder, options);
        if (options.Redis)
        {
            var redis = builder.AddRedis("redis");
            foreach (var indexer in builder.Resources.OfType<ProjectResource>().Where(resource => resource.Name == StackNames.KvIndexer))
            {
                // It does not wait: until Redis is there its scores say degraded.
                builder.CreateResourceBuilder(indexer).WithRedis(redis);
            }
        }

        builder.Services.AddEventingSubscriber<StackAnnouncer>();
    }
}
