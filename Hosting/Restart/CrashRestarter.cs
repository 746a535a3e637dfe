using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Starts marked resources again when they end without having been asked to.</summary>
/// <remarks>
/// Aspire itself leaves a crashed resource down. This watches the states that every hosting mode publishes and uses the start command
/// that every mode offers, so it behaves alike in all of them. A resource that passed through <c>Stopping</c> was stopped by a person and stays down.
/// </remarks>
internal sealed partial class CrashRestarter(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    IHostApplicationLifetime lifetime,
    ILogger<CrashRestarter> logger) : IDistributedApplicationEventingSubscriber
{
    private readonly Dictionary<string, Watched> _watched = [];

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        if (executionContext.IsRunMode)
        {
            eventing.Subscribe<BeforeStartEvent>((_, _) =>
            {
                _ = WatchAsync(lifetime.ApplicationStopping);
                return Task.CompletedTask;
            });
        }

        return Task.CompletedTask;
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping).ConfigureAwait(false))
            {
                if (change.Resource.HasAnnotationOfType<RestartAnnotation>())
                {
                    Observe(change, stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application ends, and its resources with it.
        }
    }

    private void Observe(ResourceEvent change, CancellationToken stopping)
    {
        if (!_watched.TryGetValue(change.ResourceId, out var watched))
        {
            _watched[change.ResourceId] = watched = new Watched();
        }

        var state = change.Snapshot.State?.Text;
        var previous = watched.State;
        watched.State = state;
        if (state == previous || state is null)
        {
            return;
        }

        if (state == KnownResourceStates.Running)
        {
            watched.Backoff.Started();
        }
        else if (KnownResourceStates.TerminalStates.Contains(state) && previous != KnownResourceStates.Stopping && previous is not null)
        {
            var delay = watched.Backoff.NextDelay();
            Log.Restarting(logger, change.Resource.Name, state, change.Snapshot.ExitCode, delay.TotalSeconds);
            _ = RestartAsync(change, delay, stopping);
        }
    }

    private async Task RestartAsync(ResourceEvent change, TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, stopping).ConfigureAwait(false);
            var result = await commands.ExecuteCommandAsync(change.ResourceId, KnownResourceCommands.StartCommand, stopping).ConfigureAwait(false);
            if (!result.Success && !result.Canceled)
            {
                Log.RestartFailed(logger, change.Resource.Name, result.Message);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application ends before the resource came back.
        }
    }

    private sealed class Watched
    {
        public string? State { get; set; }

        public RestartBackoff Backoff { get; } = new(TimeProvider.System);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Resource} ended by itself ({State}, exit code {ExitCode}); starting it again in {Delay:0.0} s")]
        public static partial void Restarting(ILogger logger, string resource, string state, int? exitCode, double delay);

        [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Resource} could not be started again: {Message}")]
        public static partial void RestartFailed(ILogger logger, string resource, string? message);
    }
}
