using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Start, Stop and Restart of everything that runs as a process.</summary>
internal static class LifecycleCommands
{
    public static void AddTo(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources.Where(LaunchPlanner.CanRun))
        {
            Add(resource, KnownResourceCommands.StartCommand, "Start", "Play", StartAsync, whenRunning: false);
            Add(resource, KnownResourceCommands.StopCommand, "Stop", "Stop", StopAsync, whenRunning: true);
            Add(resource, KnownResourceCommands.RestartCommand, "Restart", "ArrowCounterclockwise", RestartAsync, whenRunning: true);
        }
    }

    private static void Add(
        IResource resource, string name, string displayName, string icon, Func<ResourceRun, CancellationToken, Task<ExecuteCommandResult>> execute, bool whenRunning)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == name))
        {
            return;
        }

        var options = new CommandOptions
        {
            IconName = icon,
            IsHighlighted = true,
            UpdateState = context => IsUp(context.ResourceSnapshot) == whenRunning ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
        };
        resource.Annotations.Add(new ResourceCommandAnnotation(
            name, displayName, context => execute(context.Services.GetRequiredService<ApplicationRun>().Of(context.ResourceName), context.CancellationToken), options));
    }

    private static bool IsUp(CustomResourceSnapshot snapshot)
        => snapshot.State?.Text is { } state && state != KnownResourceStates.NotStarted && !KnownResourceStates.TerminalStates.Contains(state);

    private static async Task<ExecuteCommandResult> StartAsync(ResourceRun resource, CancellationToken cancellationToken)
        => await resource.StartAsync(cancellationToken)
            ? CommandResults.Success($"{resource.Resource.Name} runs.")
            : CommandResults.Failure($"{resource.Resource.Name} did not start; its log says why.");

    private static async Task<ExecuteCommandResult> StopAsync(ResourceRun resource, CancellationToken cancellationToken)
    {
        await resource.StopAsync(ResourceRun.StopGrace).WaitAsync(cancellationToken);
        return CommandResults.Success($"{resource.Resource.Name} has stopped.");
    }

    private static async Task<ExecuteCommandResult> RestartAsync(ResourceRun resource, CancellationToken cancellationToken)
    {
        await StopAsync(resource, cancellationToken);
        return await StartAsync(resource, cancellationToken);
    }
}
