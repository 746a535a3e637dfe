using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;
using LlmdAspire.Hosting.Embedded.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Folder of the AppHost.</summary>
internal sealed record AppHostFolder(string Path);

/// <summary>The services of a run.</summary>
internal static class EmbeddedServices
{
    /// <summary>Time for everything to end; CONTRACT of the AppHost is 20 s including its own end.</summary>
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(18);

    public static void Add(IServiceCollection services, IDistributedApplicationBuilder builder, DistributedApplicationOptions options, AppHostProject project)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdown);
        services.AddHealthChecks();
        services.AddHttpClient();
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton(options);
        services.AddSingleton(project);
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(_ => new DistributedApplicationModel(builder.Resources));
        services.AddSingleton(_ => new ResourceNotificationService(
            options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable));
        services.AddSingleton<ResourceLoggerService>();
        services.AddSingleton(s => new ResourceCommandService(s, s.GetRequiredService<ResourceLoggerService>()));

        services.AddSingleton<ConsoleLog>();
        services.AddSingleton(s => OtlpTarget.FromConfiguration(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<LaunchPlanner>();
        services.AddSingleton<HealthWatch>();
        services.AddSingleton<ApplicationRun>();
        services.AddHostedService(s => s.GetRequiredService<ApplicationRun>());
        services.AddSingleton<ChartPublish>();
        services.AddSingleton<RunContext>();
        services.AddSingleton<DashboardRun>();
        services.AddSingleton<ContainerLauncher>();
        services.AddSingleton(_ => new AppHostFolder(builder.AppHostDirectory));
        services.AddSingleton(s => new ContainerRuntime(name => s.GetRequiredService<IConfiguration>()[name] ?? Environment.GetEnvironmentVariable(name)));
        services.TryAddSingleton<IProcessHost>(_ => new ProcessHost());
    }
}
