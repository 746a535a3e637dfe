using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Runs the application: prepares the model, sets every resource going, and ends them all.</summary>
internal sealed class ApplicationRun(
    DistributedApplicationModel model,
    IEnumerable<IDistributedApplicationEventingSubscriber> subscribers,
    IDistributedApplicationEventing eventing,
    DistributedApplicationExecutionContext execution,
    IConfiguration configuration,
    OtlpTarget telemetry,
    DashboardRun dashboard,
    RunContext run,
    IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_stopBudget = TimeSpan.FromSeconds(14);

    private readonly Dictionary<string, ResourceRun> _runs = new(ModelName.Comparer);
    private Task? _stop;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var subscriber in subscribers)
        {
            await subscriber.SubscribeAsync(eventing, execution, cancellationToken);
        }

        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        if (execution.IsPublishMode)
        {
            return;
        }

        // First, since it finds the mistakes that keep anything from starting.
        await AllocateAsync(cancellationToken);
        if (!dashboard.Start())
        {
            await telemetry.ForgetAbsentAsync(cancellationToken);
        }

        foreach (var resource in model.Resources.Where(LaunchPlanner.CanRun))
        {
            _runs[resource.Name] = new ResourceRun(resource, run);
        }

        // Side by side: what must come one after the other says so with WaitFor.
        foreach (var resource in _runs.Values)
        {
            _ = resource.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>() ? resource.LeaveAsync() : Task.Run(() => resource.StartAsync(run.Stopping), CancellationToken.None);
        }

        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Whoever comes second, a host or a test, waits for the same end.
        lock (_runs)
        {
            return _stop ??= StopOnceAsync();
        }
    }

    private async Task StopOnceAsync()
    {
        await run.BeginStopAsync();
        var started = TimeProvider.System.GetTimestamp();
        var groups = StopOrder.Of([.. _runs.Values.Select(r => r.Resource)]);
        for (var i = 0; i < groups.Count; i++)
        {
            // A group that takes long leaves less time to the next, but never none.
            var left = s_stopBudget - TimeProvider.System.GetElapsedTime(started);
            var grace = TimeSpan.FromSeconds(Math.Clamp(left.TotalSeconds / (groups.Count - i), 1, ResourceRun.StopGrace.TotalSeconds));
            await Task.WhenAll(groups[i].Select(resource => _runs[resource.Name].StopAsync(grace)));
        }

        await dashboard.StopAsync();
    }

    /// <summary>The life of a resource that runs as a process.</summary>
    public ResourceRun Of(string resourceName)
        => _runs.GetValueOrDefault(resourceName) ?? throw new DistributedApplicationException($"Resource '{resourceName}' is not part of the run.");

    /// <summary>Ends what still runs: an application may be disposed of without having been stopped, or after a start that failed half-way.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var resource in _runs.Values)
        {
            resource.Dispose();
        }
    }

    private async Task AllocateAsync(CancellationToken cancellationToken)
    {
        // The key under which real Aspire knows it; the testing builder sets it.
        var randomize = configuration.GetValue("DcpPublisher:RandomizePorts", false);
        EndpointAllocation.AllocateAll(model.Resources, new FreePorts(Random.Shared), randomize);
        foreach (var resource in model.Resources.ToArray())
        {
            if (resource.HasAnnotationOfType<EndpointAnnotation>())
            {
                await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
            }

            if (resource is IResourceWithConnectionString)
            {
                await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
            }
        }
    }
}
