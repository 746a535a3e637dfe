using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.ServiceDefaults;

/// <summary>Finds out why a host stopped by itself.</summary>
internal static class FailedWork
{
    /// <summary>What a background service threw, or null when none did.</summary>
    public static Exception? Find(IHost host) => host.Services.GetServices<IHostedService>()
        .OfType<BackgroundService>()
        .Select(service => service.ExecuteTask?.Exception?.GetBaseException())
        .FirstOrDefault(failure => failure is not null and not OperationCanceledException);
}
