using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;
using Aspire.Hosting.Publishing;
using LlmdAspire.Hosting.Embedded.Tests.Model;

namespace LlmdAspire.Hosting.Embedded.Tests.Publish;

/// <summary>What parts of a model become in a chart, beyond those of the reference program.</summary>
public sealed class PublishedModelTests : IDisposable
{
    private readonly string _output = Directory.CreateTempSubdirectory("llmd-chart-").FullName;

    public void Dispose() => Directory.Delete(_output, recursive: true);

    [Fact]
    public async Task Project_GetsItsImageAndPortFromValues()
    {
        var builder = New();
        var api = builder.AddResource(new ProjectResource("my-api")).WithHttpEndpoint();
        builder.AddContainer("caller", "curl", "8").WithEnvironment("API", api.GetEndpoint("http"));

        await PublishAsync(builder);

        var deployment = Read("templates/my-api/deployment.yaml");
        Assert.Contains("image: \"{{ .Values.parameters.my_api.my_api_image }}\"", deployment, StringComparison.Ordinal);
        Assert.Contains("containerPort: {{ .Values.parameters.my_api.port_http | int }}", deployment, StringComparison.Ordinal);
        var values = Read("values.yaml");
        Assert.Contains("port_http: 8080", values, StringComparison.Ordinal);
        Assert.Contains("my_api_image: \"my-api:latest\"", values, StringComparison.Ordinal);
        Assert.Contains("API: \"http://my-api-service:{{ .Values.parameters.my_api.port_http }}\"", Read("templates/caller/config.yaml"), StringComparison.Ordinal);
    }

    // As real Aspire's own test publishes it: the profile's ports are a developer's, and https is somebody else's before the pod.
    [Fact]
    public async Task ProjectWithALaunchProfile_ListensWhereItsImageDoes()
    {
        var builder = New();
        builder.AddProject<Profiled>("api");

        await PublishAsync(builder);

        var config = Read("templates/api/config.yaml");
        Assert.Contains("HTTP_PORTS: \"{{ .Values.parameters.api.port_http | int | toString }}\"", config, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_FORWARDEDHEADERS_ENABLED:", config, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTPS_PORTS", config, StringComparison.Ordinal);
        Assert.DoesNotContain("FROM_PROFILE", config, StringComparison.Ordinal);
        Assert.Contains("HTTP_PORTS: \"\"", Read("values.yaml"), StringComparison.Ordinal);
        Assert.Single(Read("templates/api/service.yaml").Split('\n'), line => line.Contains("targetPort:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProjectWithPorts_IsToldAllOfThem()
    {
        var builder = New();
        builder.AddProject<Profiled>("api", options => options.ExcludeLaunchProfile = true).WithHttpEndpoint(targetPort: 9000).WithHttpEndpoint(targetPort: 9001, name: "other");

        await PublishAsync(builder);

        Assert.Contains("HTTP_PORTS: \"9000;9001\"", Read("values.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_Entrypoint_AndDifferentPorts_AreWritten()
    {
        var builder = New();
        builder.AddContainer("web", "nginx", "1").WithEntrypoint("/start").WithHttpEndpoint(port: 80, targetPort: 8080).WithAnnotation(new ReplicaAnnotation(3));

        await PublishAsync(builder);

        Assert.Contains("replicas: 3", Read("templates/web/deployment.yaml"), StringComparison.Ordinal);
        Assert.Contains("port: 80\n      targetPort: 8080", Read("templates/web/service.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KnownParameter_IsADefault_AndASecretOneIsNot()
    {
        var builder = New();
        var known = builder.AddParameter("known", "a-value", publishValueAsDefault: true);
        var secret = builder.AddParameter("secret", "must-not-appear", secret: true);
        builder.AddContainer("web", "nginx", "1").WithEnvironment("KNOWN", known).WithEnvironment("SECRET", secret);

        await PublishAsync(builder);

        Assert.Contains("known: \"a-value\"", Read("values.yaml"), StringComparison.Ordinal);
        Assert.Contains("secret: \"\"", Read("values.yaml"), StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(_output, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain("must-not-appear", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Customisation_SeesTheObjects_AndCanTakeThemAway()
    {
        var builder = New();
        builder.AddContainer("only-extras", "none").WithHttpEndpoint(targetPort: 1).PublishAsKubernetesService(service =>
        {
            service.Workload = null;
            service.Service = null;
            service.AdditionalResources.Add(new ConfigMap { Metadata = { Name = "extra" }, Data = { ["a"] = "b" } });
        });

        await PublishAsync(builder);

        Assert.Equal(["extra.yaml"], Directory.EnumerateFiles(Path.Combine(_output, "templates", "only-extras")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task ArgumentThatIsOnlyAParameter_IsRefused_AsRealAspireDoes()
    {
        var builder = New();
        builder.AddContainer("web", "nginx", "1").WithArgs(builder.AddParameter("model", "m").Resource);

        var mistake = await Assert.ThrowsAsync<DistributedApplicationException>(() => PublishAsync(builder));

        Assert.StartsWith("Resource 'web': an argument is the parameter 'model' and nothing else", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnonymousVolume_IsRefused()
    {
        var builder = New();
        builder.AddContainer("web", "nginx", "1").WithVolume(null, "/data");

        var mistake = await Assert.ThrowsAsync<DistributedApplicationException>(() => PublishAsync(builder));

        Assert.StartsWith("Resource 'web': the mount at /data has no named volume", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DashboardInTheCluster_IsRefused()
    {
        var builder = Models.New("--operation", "publish", "--step", "publish", "--output-path", _output);
        builder.AddKubernetesEnvironment("k8s");

        var mistake = await Assert.ThrowsAsync<DistributedApplicationException>(() => PublishAsync(builder));

        Assert.Contains("WithDashboard(false)", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AfterPublish_ComesOnceTheChartIsThere_AndNotAfterAFailure()
    {
        var seen = new List<bool>();
        var builder = New();
        builder.AddContainer("web", "nginx", "1");
        Watch(builder);
        await PublishAsync(builder);

        var failing = New();
        failing.AddContainer("web", "nginx", "1").WithVolume(null, "/data");
        Watch(failing);
        await Assert.ThrowsAsync<DistributedApplicationException>(() => PublishAsync(failing));

        Assert.Equal([true], seen);

        void Watch(IDistributedApplicationBuilder watched) => watched.Eventing.Subscribe<AfterPublishEvent>((_, _) =>
        {
            seen.Add(File.Exists(Path.Combine(_output, "values.yaml")));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public void Run_DoesNotSeeTheCluster()
    {
        var builder = Models.New();
        var cluster = builder.AddKubernetesEnvironment("k8s");
        cluster.AddGateway("gateway");

        Assert.Empty(builder.Resources);
    }

    private IDistributedApplicationBuilder New()
    {
        var builder = Models.New("--operation", "publish", "--step", "publish", "--output-path", _output);
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        return builder;
    }

    private static async Task PublishAsync(IDistributedApplicationBuilder builder)
    {
        await using var application = builder.Build();
        await application.RunAsync(TestContext.Current.CancellationToken);
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_output, file));

    private sealed class Profiled : IProjectMetadata
    {
        public string ProjectPath => typeof(Profiled).Assembly.Location;

        public LaunchSettings LaunchSettings => new()
        {
            Profiles = new()
            {
                ["http"] = new()
                {
                    CommandName = "Project",
                    ApplicationUrl = "https://localhost:7001;http://localhost:5001",
                    EnvironmentVariables = new() { ["FROM_PROFILE"] = "1" },
                },
            },
        };
    }
}
