using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using LlmdAspire.Hosting.Embedded.Processes;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The life of one resource: started, watched, stopped and started again, always on the same ports.</summary>
/// <remarks>Starts and stops of a resource come one after the other; a stop interrupts a start that still waits.</remarks>
internal sealed class ResourceRun(IResource resource, RunContext run) : IDisposable
{
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(8);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _starting;
    private IRunningProcess? _process;
    private Task _ended = Task.CompletedTask;
    private bool _stopping;

    public IResource Resource => resource;

    /// <summary>Starts the resource once what it waits for is there. A failure becomes the resource's state and one line of output.</summary>
    /// <returns>Whether the resource runs.</returns>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Stopping);
        try
        {
            lock (_lock)
            {
                if (_process is not null)
                {
                    return true;
                }

                _starting = starting;
                _stopping = false;
            }

            await LaunchAsync(starting.Token);
            return true;
        }
        catch (OperationCanceledException) when (starting.IsCancellationRequested)
        {
            await PublishAsync(before => before with { State = KnownResourceStates.Exited, StopTimeStamp = Now() });
            return false;
        }
#pragma warning disable CA1031 // Whatever keeps a resource from starting is its state; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            run.Console.Problem(resource.Name, "did not start: " + exception.Message);
            await PublishAsync(before => before with { State = KnownResourceStates.FailedToStart, StopTimeStamp = Now() });
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _starting = null;
            }

            _turn.Release();
        }
    }

    /// <summary>Ends the resource, by force once <paramref name="grace"/> is over.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        lock (_lock)
        {
            _stopping = true;
            _starting?.Cancel();
        }

        await _turn.WaitAsync();
        try
        {
            IRunningProcess? process;
            lock (_lock)
            {
                _stopping = true;
                process = _process;
            }

            if (process is not null)
            {
                await PublishAsync(before => before with { State = KnownResourceStates.Stopping });
                await process.StopAsync(grace);
            }

            await _ended;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Says that the resource starts only by command.</summary>
    public Task LeaveAsync() => PublishAsync(before => before with { State = KnownResourceStates.NotStarted });

    public void Dispose() => _turn.Dispose();

    private static DateTime Now() => DateTime.UtcNow;

    private static ImmutableArray<UrlSnapshot> UrlsOf(IResource resource) => resource is IResourceWithEndpoints withEndpoints
        ? [.. withEndpoints.GetEndpoints().Where(endpoint => endpoint.IsAllocated).Select(endpoint => new UrlSnapshot(endpoint.EndpointName, endpoint.Url, IsInternal: false))]
        : [];

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var waits = resource.HasAnnotationOfType<WaitAnnotation>();
        await PublishAsync(before => before with
        {
            State = waits ? KnownResourceStates.Waiting : KnownResourceStates.Starting,
            ExitCode = null,
            StopTimeStamp = null,
            Ready = null,
            HealthReports = [],
        });
        if (waits)
        {
            await run.Notifications.WaitForDependenciesAsync(resource, cancellationToken);
        }

        await run.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, run.Services), cancellationToken);
        await PublishAsync(before => before with { State = KnownResourceStates.Starting });

        var spec = await run.Planner.PlanAsync(resource, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var process = run.Processes.Start(spec, (line, isError) => run.Console.Line(resource.Name, line, isError));
        var watching = new CancellationTokenSource();
        lock (_lock)
        {
            _process = process;
        }

        await PublishAsync(before => before with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now(),
            Properties = ProcessProperties.Add(before.Properties, spec, process.Id),
            EnvironmentVariables = [.. spec.Environment.Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: true))],
            Urls = UrlsOf(resource),
            HealthReports = HealthWatch.Unanswered(resource),
        });
        _ended = FollowAsync(process, watching);
        _ = run.Health.WatchAsync(resource, watching.Token);
    }

    private async Task FollowAsync(IRunningProcess process, CancellationTokenSource watching)
    {
        var exitCode = await process.Exited;
        await watching.CancelAsync();
        watching.Dispose();

        bool asked;
        lock (_lock)
        {
            _process = null;
            asked = _stopping || run.Stopping.IsCancellationRequested;
        }

        if (!asked && exitCode != 0)
        {
            run.Console.Problem(resource.Name, $"ended by itself with exit code {exitCode}");
        }

        await PublishAsync(before => before with
        {
            State = asked ? KnownResourceStates.Exited : KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = Now(),
            Properties = ProcessProperties.Remove(before.Properties),
            Urls = [],
            HealthReports = [],
        });
        if (run.Notifications.TryGetCurrentState(resource.Name, out var last))
        {
            await run.Eventing.PublishAsync(new ResourceStoppedEvent(resource, run.Services, last));
        }
    }

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => run.Notifications.PublishUpdateAsync(resource, change);
}
