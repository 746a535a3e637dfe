using System.Reflection;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.AppHost;

/// <summary>Tells the user, and scripts, what runs where and when the stack can answer.</summary>
internal sealed class StackAnnouncer(
    StackOptions options, ResourceNotificationService notifications, IHostApplicationLifetime lifetime) : IDistributedApplicationEventingSubscriber
{
    // An engine that stays down must not keep the others from being used.
    private static readonly TimeSpan s_patienceForStragglers = TimeSpan.FromSeconds(5);

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        if (executionContext.IsRunMode)
        {
            eventing.Subscribe<BeforeStartEvent>((_, _) =>
            {
                Console.WriteLine($"Hosting mode: {HostingMode}");
                return Task.CompletedTask;
            });
            eventing.Subscribe<AfterResourcesCreatedEvent>((created, cancellationToken) =>
            {
                _ = AnnounceAsync(created.Model, lifetime.ApplicationStopping);
                return Task.CompletedTask;
            });
        }

        return Task.CompletedTask;
    }

    private static string HostingMode => typeof(StackAnnouncer).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "AspireHosting").Value!;

    private async Task AnnounceAsync(DistributedApplicationModel model, CancellationToken stopping)
    {
        try
        {
            var resources = new ResourceList(model);
            foreach (var resource in resources.All)
            {
                Console.WriteLine(resource.ToLine());
            }

            var written = resources.KeepFileAsync(options.ResourcesFile, notifications, stopping);
            await WaitUntilReadyAsync(resources, written, stopping);
            PrintReady(resources.Router);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before the stack was ready.
        }
    }

    private async Task WaitUntilReadyAsync(ResourceList resources, Task written, CancellationToken stopping)
    {
        await notifications.WaitForResourceHealthyAsync(resources.Router.Name, stopping);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(s_patienceForStragglers);
        try
        {
            await Task.WhenAll([
                written.WaitAsync(patience.Token),
                .. resources.All.Select(resource => notifications.WaitForResourceHealthyAsync(resource.Name, patience.Token))]);
        }
        catch (Exception error) when (error is OperationCanceledException or DistributedApplicationException && !stopping.IsCancellationRequested)
        {
            // Late, or down for good, as its own lines say: the router answers with what there is.
        }
    }

    private void PrintReady(ListedResource router)
    {
        var api = $"{router.Urls[0]}/v1";
        Console.WriteLine(
            $$"""
            Ready: {{api}}
            curl {{api}}/completions -H 'Content-Type: application/json' -d '{"model":"{{options.Model}}","prompt":"Hello","max_tokens":16}'
            """);
    }
}
