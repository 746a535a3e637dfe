using Aspire.Hosting.Lifecycle;
using LlmdAspire.AppHost.Presets;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.AppHost;

/// <summary>Composes the stack that a command line asks for.</summary>
internal static class LlmdStack
{
    /// <summary>Adds the preset's resources, and what tells the user about them, to the application.</summary>
    public static void Compose(IDistributedApplicationBuilder builder, StackOptions options)
    {
        options.Preset.Compose(builder, options);

        if (options.Redis)
        {
            builder.AddRedis("redis");
        }

        builder.Services.AddSingleton(options);
        builder.Services.AddEventingSubscriber<StackAnnouncer>();
    }
}
