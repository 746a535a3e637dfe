using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Tests;

/// <summary>What engines and services become in a cluster by themselves; the objects are those that the application's own callbacks see.</summary>
public sealed class PublishedDefaultsTests : IDisposable
{
    private readonly string _output = Directory.CreateTempSubdirectory("llmd-chart-").FullName;

    public void Dispose() => Directory.Delete(_output, recursive: true);

    [Fact]
    public async Task GpusThatWereGiven_AreThoseOfThePod()
    {
        var builder = Create();

        var engine = await PublishAsync(builder, builder.AddVllm("engine", "m").WithTensorParallel(4).WithGpus(2));

        Assert.Equal("2", Container(engine).Resources!.Limits["nvidia.com/gpu"]);
    }

    [Fact]
    public async Task GpusThatWereNotGiven_AreWhatTheRanksNeed()
    {
        var builder = Create();

        var engine = await PublishAsync(builder, builder.AddVllm("engine", "m").WithTensorParallel(2).WithDataParallel(4));

        Assert.Equal("8", Container(engine).Resources!.Limits["nvidia.com/gpu"]);
    }

    [Fact]
    public async Task TokenOfTheApplication_TakesThePlaceOfTheUsersSecret()
    {
        var builder = Create();
        var token = builder.AddParameter("token", secret: true);

        var engine = await PublishAsync(builder, builder.AddVllm("engine", "m").WithHuggingFaceToken(token));

        Assert.Contains("HF_TOKEN", engine.Secret!.StringData.Keys);
        Assert.DoesNotContain(Container(engine).Env, variable => variable.Name == "HF_TOKEN");
    }

    [Fact]
    public async Task PodOfOnesOwn_Replaces_TheDefault()
    {
        var builder = Create();

        var engine = await PublishAsync(
            builder, builder.AddVllm("engine", "m").WithPublishedPod(new EnginePod { Replicas = 3, Cpu = "8" }).WithPublishedPod(new EnginePod { Name = "mine", Memory = "64Gi" }));

        Assert.Equal(("mine", 1, null), (engine.Workload!.Metadata.Name, ((Deployment)engine.Workload).Spec.Replicas, engine.Service));
        Assert.Equal(["memory", "nvidia.com/gpu"], Container(engine).Resources!.Limits.Keys);
        Assert.Single(Container(engine).VolumeMounts, mount => mount.MountPath == "/dev/shm");
    }

    // What Aspire makes of a container with a persistent volume.
    [Fact]
    public void StatefulEngine_IsAnEngineAsWell()
    {
        var builder = Create(hasCluster: false);
        var engine = builder.AddVllm("engine", "m").Resource;
        var set = new StatefulSet();
        set.PodTemplate.Spec.Containers.Add(new());

        EngineManifest.Apply(new KubernetesResource("engine", engine, builder.AddKubernetesEnvironment("cluster").Resource) { Workload = set }, engine, new EnginePod { Replicas = 2 });

        Assert.Equal((2, "1"), (set.Spec.Replicas, set.PodTemplate.Spec.Containers[0].Resources!.Limits["nvidia.com/gpu"]));
    }

    [Fact]
    public async Task ServicesAreReached_AndProbed_AndRestricted()
    {
        var builder = Create();

        var picker = await PublishAsync(builder, builder.AddEndpointPicker<FakeProject>("epp"));

        var container = Container(picker);
        Assert.Equal("0.0.0.0", container.Args[container.Args.IndexOf("--host") + 1]);
        Assert.Equal(("/alive", "/health"), (container.LivenessProbe!.HttpGet!.Path, container.ReadinessProbe!.HttpGet!.Path));
        Assert.Equal((true, true), (container.SecurityContext!.ReadOnlyRootFilesystem, container.SecurityContext.RunAsNonRoot));
        Assert.NotNull(picker.Service);
    }

    // Aspire refuses the callback of a model that is published to something else.
    [Fact]
    public async Task ApplicationWithoutACluster_HasNoCallbacksForOne()
    {
        var builder = Create(hasCluster: false);
        var engine = builder.AddVllm("engine", "m");
        await using var application = builder.Build();

        await builder.Eventing.PublishAsync(new BeforeStartEvent(application.Services, new DistributedApplicationModel(builder.Resources)), TestContext.Current.CancellationToken);

        Assert.Empty(engine.Resource.Annotations.OfType<KubernetesServiceCustomizationAnnotation>());
    }

    private IDistributedApplicationBuilder Create(bool hasCluster = true)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", "publish", "--output-path", _output],
            DisableDashboard = true,
        });
        if (hasCluster)
        {
            builder.AddKubernetesEnvironment("cluster").WithDashboard(false);
        }

        return builder;
    }

    private static async Task<KubernetesResource> PublishAsync<T>(IDistributedApplicationBuilder builder, IResourceBuilder<T> resource)
        where T : IComputeResource
    {
        KubernetesResource? objects = null;
        resource.PublishAsKubernetesService(found => objects = found);
        await using var application = builder.Build();
        await application.RunAsync(TestContext.Current.CancellationToken);
        return objects!;
    }

    private static ContainerV1 Container(KubernetesResource objects) => objects.Workload!.PodTemplate.Spec.Containers[0];
}
