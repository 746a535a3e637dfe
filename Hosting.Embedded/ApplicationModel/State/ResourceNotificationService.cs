using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LlmdAspire.Hosting.Embedded;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource and tells whoever wants to know.</summary>
/// <remarks>Thread-safe. Updates reach every watcher in the order in which they were made. Disposing cancels all waits.</remarks>
public class ResourceNotificationService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(ModelName.Comparer);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();

    internal ResourceNotificationService(WaitBehavior defaultWaitBehavior) => DefaultWaitBehavior = defaultWaitBehavior;

    internal WaitBehavior DefaultWaitBehavior { get; }

    /// <summary>Waits for a state; for <see cref="KnownResourceStates.Running"/> when none is named.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
        => WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits for one of several states and returns the one reached.</summary>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToArray();
        var reached = await WaitForResourceAsync(resourceName, e => states.Contains(e.Snapshot.State?.Text, StringComparer.OrdinalIgnoreCase), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until the resource's state satisfies <paramref name="predicate"/>.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var e in WatchAsync(cancellationToken))
        {
            if (ModelName.Comparer.Equals(e.Resource.Name, resourceName) && predicate(e))
            {
                return e;
            }
        }

        // The watch ends without being cancelled only when the application is disposed of.
        throw new OperationCanceledException($"The application ended while resource '{resourceName}' was waited for.");
    }

    /// <summary>Waits until the resource is healthy and its <see cref="ResourceReadyEvent"/> handlers are done.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
        => WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <inheritdoc cref="WaitForResourceHealthyAsync(string, CancellationToken)"/>
    /// <exception cref="DistributedApplicationException">The resource failed, and <paramref name="waitBehavior"/> says to stop then.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(resourceName, e => IsReady(e.Snapshot) || Unavailable(e.Snapshot, waitBehavior), cancellationToken);
        if (!IsReady(reached.Snapshot))
        {
            throw new DistributedApplicationException($"Resource '{resourceName}' did not become healthy: {Describe(reached.Snapshot)}.");
        }

        await reached.Snapshot.Ready!.WaitAsync(cancellationToken);
        return reached;
    }

    /// <summary>Waits for everything the resource was told to wait for.</summary>
    /// <exception cref="DistributedApplicationException">A dependency failed, or completed with another exit code than expected.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);

        // The first failure ends the wait for the others, which may never come.
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = resource.Annotations.OfType<WaitAnnotation>().Select(wait => WaitForAsync(resource, wait, failed.Token)).ToArray();
        try
        {
            await foreach (var wait in Task.WhenEach(waits))
            {
                await wait;
            }
        }
        finally
        {
            await failed.CancelAsync();
        }
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
        => _current.TryGetValue(resourceId, out resourceEvent);

    /// <summary>The present state of every resource, then each update.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Unbounded, because losing an update could make a wait miss the state it is for; a watcher that stays away costs one small object per update.
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_lock)
        {
            foreach (var e in _current.Values)
            {
                channel.Writer.TryWrite(e);
            }

            _watchers.Add(channel);
            if (_disposed.IsCancellationRequested)
            {
                channel.Writer.TryComplete();
            }
        }

        try
        {
            await foreach (var e in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return e;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel);
            }
        }
    }

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PublishUpdateAsync(resource, resource.Name, stateFactory);
    }

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stateFactory);

        lock (_lock)
        {
            var before = _current.TryGetValue(resourceId, out var e) ? e.Snapshot : InitialSnapshot.Of(resource);
            var update = new ResourceEvent(resource, resourceId, stateFactory(before));
            _current[resourceId] = update;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(update);
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed.Cancel();
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryComplete();
            }
        }

        _disposed.Dispose();
        GC.SuppressFinalize(this);
    }

    private static bool IsReady(CustomResourceSnapshot snapshot) => snapshot is { HealthStatus: HealthStatus.Healthy, Ready: not null };

    private static bool HasEnded(CustomResourceSnapshot snapshot)
        => snapshot.State?.Text is { } state && (KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.RuntimeUnhealthy);

    private static bool Unavailable(CustomResourceSnapshot snapshot, WaitBehavior behavior)
        => behavior == WaitBehavior.StopOnResourceUnavailable && HasEnded(snapshot);

    private static string Describe(CustomResourceSnapshot snapshot)
        => snapshot.ExitCode is { } code ? $"it is in state {snapshot.State?.Text} with exit code {code}" : $"it is in state {snapshot.State?.Text}";

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var dependency = wait.Resource;
        if (dependency is ParameterResource)
        {
            return;
        }

        var behavior = wait.WaitBehavior ?? DefaultWaitBehavior;
        var reached = await WaitForResourceAsync(dependency.Name, e => HasGotThere(e.Snapshot) || Unavailable(e.Snapshot, behavior), cancellationToken);
        if (wait.WaitType == WaitType.WaitForCompletion
                ? reached.Snapshot.State?.Text == KnownResourceStates.FailedToStart || reached.Snapshot.ExitCode is { } code && code != wait.ExitCode
                : !HasGotThere(reached.Snapshot))
        {
            throw new DistributedApplicationException($"'{resource.Name}' waits for '{dependency.Name}', which failed: {Describe(reached.Snapshot)}");
        }

        if (wait.WaitType == WaitType.WaitUntilHealthy)
        {
            await reached.Snapshot.Ready!.WaitAsync(cancellationToken);
        }

        bool HasGotThere(CustomResourceSnapshot snapshot) => wait.WaitType switch
        {
            WaitType.WaitUntilHealthy => IsReady(snapshot),
            WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
            _ => HasEnded(snapshot),
        };
    }
}
