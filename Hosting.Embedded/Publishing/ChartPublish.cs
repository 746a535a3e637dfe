using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Aspire.Hosting.Publishing;
using LlmdAspire.Hosting.Embedded.Publishing.Yaml;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>Publishes the application: writes a Helm chart in the layout of Aspire.Hosting.Kubernetes.</summary>
internal sealed class ChartPublish(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext execution,
    IConfiguration configuration,
    IHostEnvironment environment,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    AppHostFolder folder,
    ILogger<ChartPublish> logger)
{
    private const string PublishStep = "publish";
    private const string DefaultOutput = "aspire-output";

    /// <exception cref="DistributedApplicationException">What was asked for is not publishing to a cluster, or the model cannot be published.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (configuration["Publishing:Publisher"] is { Length: > 0 } publisher)
        {
            throw new DistributedApplicationException($"The publisher '{publisher}' is part of the Aspire packages; build with -p:AspireHosting=Packages to use it.");
        }

        if (configuration["Pipeline:Step"] is var step && step != PublishStep)
        {
            throw new DistributedApplicationException(step is { Length: > 0 }
                ? $"The step '{step}' is part of the Aspire packages; --step publish works here, and -p:AspireHosting=Packages builds with the others."
                : "Say what to do with --step publish; without a step, Aspire would build, push and deploy as well.");
        }

        var cluster = model.Resources.OfType<KubernetesEnvironmentResource>().ToList() switch
        {
            [var one] => one,
            [] => throw new DistributedApplicationException("The application has no cluster to be published to; AddKubernetesEnvironment adds one."),
            var several => throw new DistributedApplicationException(
                $"The application has {several.Count} clusters ({string.Join(", ", several.Select(one => one.Name))}); with the Aspire packages it can be published to several, here to one."),
        };
        if (cluster.DashboardEnabled)
        {
            throw new DistributedApplicationException("A dashboard in the cluster takes the Aspire packages; leave it out with WithDashboard(false), or build with -p:AspireHosting=Packages.");
        }

        var output = configuration["Pipeline:OutputPath"] is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(folder.Path, DefaultOutput);
        await WriteAsync(cluster, new ChartFiles(output), cancellationToken);
        await eventing.PublishAsync(new AfterPublishEvent(services, model), cancellationToken);
    }

    private async Task WriteAsync(KubernetesEnvironmentResource cluster, ChartFiles files, CancellationToken cancellationToken)
    {
        var values = new ChartValues();
        var composer = new WorkloadComposer(cluster, execution, logger, values);

        // Everything is composed before anything is customised: a customisation may look at another resource.
        var published = new List<(KubernetesResource Objects, IReadOnlyList<PersistentVolumeClaim> Claims)>();
        foreach (var resource in model.Resources.Where(resource => resource is ContainerResource or ProjectResource))
        {
            published.Add(await composer.ComposeAsync(resource, cancellationToken));
        }

        foreach (var (objects, claims) in published)
        {
            Customise(objects);
            await files.WriteTemplatesAsync(objects.Name, ObjectsOf(objects, claims), cancellationToken);
        }

        foreach (var gateway in model.Resources.OfType<KubernetesGatewayResource>())
        {
            await files.WriteTemplatesAsync(gateway.Name, GatewayComposer.Compose(gateway), cancellationToken);
        }

        await files.WriteChartAsync(new HelmChart(environment.ApplicationName, cluster.Chart), cancellationToken);
        await files.WriteValuesAsync(values, cancellationToken);
    }

    private static void Customise(KubernetesResource objects)
    {
        foreach (var customisation in objects.Target.Annotations.OfType<KubernetesServiceCustomizationAnnotation>().ToArray())
        {
            customisation.Configure(objects);
        }

        if (objects.Target.TryGetLastAnnotation<NodePoolAnnotation>(out var pool) && objects.Workload is { } workload)
        {
            workload.PodTemplate.Spec.NodeSelector[pool.Pool.NodeSelectorLabelKey] = pool.Pool.Name;
        }
    }

    private static List<BaseKubernetesResource> ObjectsOf(KubernetesResource objects, IReadOnlyList<PersistentVolumeClaim> claims)
    {
        foreach (var additional in objects.AdditionalResources)
        {
            foreach (var (key, value) in ChartLabels.Of(objects.Name))
            {
                additional.Metadata.Labels.TryAdd(key, value);
            }
        }

        BaseKubernetesResource?[] own = [objects.Workload, objects.ConfigMap, objects.Secret, objects.Service];
        return [.. own.OfType<BaseKubernetesResource>(), .. claims, .. objects.AdditionalResources];
    }
}
