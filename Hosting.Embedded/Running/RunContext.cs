using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using LlmdAspire.Hosting.Embedded.Processes;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>What the resources of a run share.</summary>
internal sealed class RunContext(
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    LaunchPlanner planner,
    HealthWatch health,
    ConsoleLog console,
    IProcessHost processes,
    IServiceProvider services) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public ResourceNotificationService Notifications => notifications;

    public IDistributedApplicationEventing Eventing => eventing;

    public LaunchPlanner Planner => planner;

    public HealthWatch Health => health;

    public ConsoleLog Console => console;

    public IProcessHost Processes => processes;

    public IServiceProvider Services => services;

    /// <summary>The application ends: nothing starts any more, and an end is not a crash.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public Task BeginStopAsync() => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();
}
