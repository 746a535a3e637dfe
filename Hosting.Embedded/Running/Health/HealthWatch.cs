using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Watches the health of running resources and says when one has become ready.</summary>
internal sealed class HealthWatch(
    HealthCheckService checks,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time)
{
    // Often while somebody waits for the resource, seldom once it is healthy.
    private static readonly TimeSpan s_whileStarting = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_onceHealthy = TimeSpan.FromSeconds(3);

    /// <summary>The answers before anybody asked: none, which counts as unhealthy.</summary>
    public static ImmutableArray<HealthReportSnapshot> Unanswered(IResource resource)
        => [.. KeysOf(resource).Select(key => new HealthReportSnapshot(key, null, null, null))];

    /// <summary>Asks the resource's health checks until <paramref name="ended"/>; becoming healthy the first time makes it ready.</summary>
    public async Task WatchAsync(IResource resource, CancellationToken ended)
    {
        var keys = KeysOf(resource).ToHashSet();
        var ready = false;
        try
        {
            while (true)
            {
                var healthy = keys.Count == 0 || await AskAsync(resource, keys, ended);
                if (healthy && !ready)
                {
                    ready = true;
                    await BecomeReadyAsync(resource, ended);
                }

                if (keys.Count == 0)
                {
                    return;
                }

                await Task.Delay(healthy ? s_onceHealthy : s_whileStarting, time, ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The process has ended; its state says so.
        }
    }

    private static IEnumerable<string> KeysOf(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key);

    private async Task<bool> AskAsync(IResource resource, HashSet<string> keys, CancellationToken ended)
    {
        var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), ended);
        ended.ThrowIfCancellationRequested();
        if (notifications.TryGetCurrentState(resource.Name, out var now) && !Answers(now.Snapshot, report).SequenceEqual(now.Snapshot.HealthReports))
        {
            await notifications.PublishUpdateAsync(resource, before => before with { HealthReports = Answers(before, report) });
        }

        // A key that nobody registered a check for never answers.
        return report.Status == HealthStatus.Healthy && report.Entries.Count == keys.Count;
    }

    private static ImmutableArray<HealthReportSnapshot> Answers(CustomResourceSnapshot before, HealthReport report)
        => [.. before.HealthReports.Select(old => report.Entries.TryGetValue(old.Name, out var entry)
            ? new HealthReportSnapshot(old.Name, entry.Status, entry.Description, entry.Exception?.Message)
            : old)];

    private async Task BecomeReadyAsync(IResource resource, CancellationToken ended)
    {
        // Whoever waits for the resource waits for the handlers and sees their failure.
        var handlers = eventing.PublishAsync(new ResourceReadyEvent(resource, services), ended);
        await notifications.PublishUpdateAsync(resource, before => before with { Ready = handlers });
        try
        {
            await handlers;
        }
#pragma warning disable CA1031 // A failing handler must not end the watch.
        catch (Exception exception) when (!ended.IsCancellationRequested)
#pragma warning restore CA1031
        {
            ConsoleLog.Of(services)?.Problem(resource.Name, $"a handler of its ready event failed: {exception.Message}");
        }
    }
}
