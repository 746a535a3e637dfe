using LlmdAspire.Hosting.Embedded;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Carries out the commands of resources.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;
    private readonly ResourceLoggerService _loggers;

    internal ResourceCommandService(IServiceProvider services, ResourceLoggerService loggers)
    {
        _services = services;
        _loggers = loggers;
    }

    /// <summary>Carries out a command; an unknown resource or command is a failed result.</summary>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
        => _services.GetRequiredService<DistributedApplicationModel>().Resources.TryGetByName(resourceId, out var resource)
            ? ExecuteCommandAsync(resource, commandName, cancellationToken)
            : Task.FromResult(CommandResults.Failure($"There is no resource '{resourceId}'."));

    /// <inheritdoc cref="ExecuteCommandAsync(string, string, CancellationToken)"/>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var command = resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == commandName);
        if (command is null)
        {
            return CommandResults.Failure($"Resource '{resource.Name}' has no command '{commandName}'.");
        }

        var context = new ExecuteCommandContext
        {
            Services = _services,
            ResourceName = resource.Name,
            CancellationToken = cancellationToken,
            Logger = _loggers.GetLogger(resource),
        };
        try
        {
            return await command.ExecuteCommand(context);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
#pragma warning disable CA1031 // Whatever a command throws is its result; it must not end the application.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ConsoleLog.Of(_services)?.Problem(resource.Name, $"command '{commandName}' failed: {exception.Message}");
            return CommandResults.Failure(exception);
        }
    }
}
