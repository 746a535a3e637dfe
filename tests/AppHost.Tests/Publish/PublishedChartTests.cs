using LlmdAspire.Tests.Shared;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>What holds for every preset and every provider of gateways.</summary>
public sealed class PublishedChartTests
{
    private static readonly string[] s_providers = ["istio", "istioBench", "kgateway", "gke", "aks", "xpu", "none"];

    // What docs/presets says to make before the chart is installed.
    private const string Token = "Secret llm-d-hf-token";

    public static TheoryData<string> Charts { get; } =
    [
        .. s_providers.Select(provider => $"--preset pd-70b --gateway {provider}"),
        .. s_providers.Select(provider => $"--preset pd-dp8 --gateway {provider}"),
        .. s_providers.Except(["kgateway", "gke"]).Select(provider => $"--preset epp-sticky --gateway {provider}"),
        .. s_providers.Select(provider => $"--preset default --gateway {provider}"),
        "--preset epp-sticky --prefill-replicas 2",
        "--preset pd-dp8 --front router",
        "--preset vllm-native",
        "--preset vllm-native --storage-class fast",
        "--preset pd-70b --gateway gke --inference-pool-version v1alpha2 --objectives chat=10,batch=-1",
        "--preset pd-70b --gateway istio --objectives chat=10,batch=-1 --autoscaling hpa --max-replicas 8,4",
        Alpha,
        Groups,
        "--preset pd-dp8 --front router --data-parallel 16 --nodes-per-engine 2",
        "--preset default --gateway istio --tensor-parallel 1,16 --nodes-per-engine 1,2 --storage-class fast --autoscaling keda --max-replicas 3",
    ];

    private const string Alpha = "--preset pd-70b --gateway istio --inference-pool-version v1alpha2 --autoscaling keda --max-replicas 8,4";
    private const string Groups = "--preset pd-dp8 --gateway istio --data-parallel 16 --nodes-per-engine 2 --autoscaling hpa --max-replicas 2";

    /// <summary>One of each kind is reviewed in full; the others differ in what is held to the schemas.</summary>
    public static TheoryData<string> ReviewedCharts { get; } =
    [
        .. s_providers.Select(provider => $"--preset pd-70b --gateway {provider}"),
        "--preset pd-dp8 --gateway istioBench",
        "--preset pd-dp8 --front router",
        "--preset epp-sticky --gateway istio",
        "--preset default --gateway none",
        "--preset vllm-native",
        Alpha,
        Groups,
    ];

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task EveryObject_PassesStrictValidation(string options)
    {
        Assert.SkipWhen(SchemaCatalog.IsAbsent, ReferenceFolder.WhyAbsent);
        var chart = await PublishedChart.SharedAsync(options);
        var validator = new SchemaValidator(SchemaCatalog.Shared);

        Assert.Equal([], chart.Objects.SelectMany(validator.Validate));
    }

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task EveryReference_LeadsSomewhere(string options)
    {
        var chart = await PublishedChart.SharedAsync(options);

        Assert.Equal([], ReferenceWalk.Errors(chart.Objects, Token));
    }

    [Theory]
    [MemberData(nameof(ReviewedCharts))]
    public async Task Chart_IsTheOneThatWasReviewed(string options)
    {
        var chart = await PublishedChart.SharedAsync(options);

        Snapshot.Matches($"{options.Replace("--preset ", "", StringComparison.Ordinal).Replace(" --", "-", StringComparison.Ordinal).Replace(' ', '-')}.yaml", chart.Files());
    }

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task NoFile_HasASecretOrTheTagLatest(string options)
    {
        Environment.SetEnvironmentVariable("HF_TOKEN", "hf_must-not-appear");
        try
        {
            using var chart = await PublishedChart.PublishAsync(options.Split(' '));

            Assert.All(chart.Files().Values, text => Assert.DoesNotContain("hf_must-not-appear", text, StringComparison.Ordinal));
            Assert.DoesNotContain(chart.Objects, found => found.Kind == "Secret");
            var containers = chart.Objects.SelectMany(found => found.Containers).ToList();
            var tokens = containers.SelectMany(container => container.Items("env")).Where(variable => variable.Text("name") == "HF_TOKEN").ToList();
            Assert.NotEmpty(tokens);
            Assert.All(tokens, token => Assert.Equal((null, "llm-d-hf-token"), (token.Text("value"), token.Text("valueFrom", "secretKeyRef", "name"))));
            // An image without a tag is the latest, too.
            Assert.All(containers, container => Assert.Matches("[^/]+:(?!latest$)[^:/]+$", container.Text("image")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("HF_TOKEN", null);
        }
    }

    // Helm decides where a chart goes; --namespace only says where it is meant to.
    [Theory]
    [MemberData(nameof(Charts))]
    public async Task NoFile_NamesTheNamespace(string options)
    {
        using var chart = await PublishedChart.PublishAsync([.. options.Split(' '), "--namespace", "some-namespace"]);

        Assert.All(chart.Files().Values, text => Assert.DoesNotContain("some-namespace", text, StringComparison.Ordinal));
    }

    // Equal objects in one document become anchors and aliases, which some tools do not read, and after which keys are quoted: kinds are classes, made anew.
    [Theory]
    [MemberData(nameof(Charts))]
    public async Task NoFile_HasAnchors(string options)
    {
        var chart = await PublishedChart.SharedAsync(options);

        Assert.All(chart.Files().Values, text => Assert.DoesNotContain("&o0", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PublishingTwice_GivesTheSameBytes()
    {
        using var first = await PublishedChart.PublishAsync("--preset", "pd-70b");
        using var second = await PublishedChart.PublishAsync("--preset", "pd-70b");

        Assert.Equal(first.Files(), second.Files());
    }

    [Theory]
    [InlineData("pd-70b", "istio")]
    [InlineData("pd-70b", "none")]
    [InlineData("pd-dp8", "istioBench")]
    [InlineData("epp-sticky", "istio")]
    [InlineData("default", "none")]
    [InlineData("vllm-native", "none")]
    public async Task TwoPostfixes_ShareNoName_AndSelectNothingOfEachOther(string preset, string gateway)
    {
        using var one = await PublishedChart.PublishAsync("--preset", preset, "--gateway", gateway, "--release-postfix", "one");
        using var two = await PublishedChart.PublishAsync("--preset", preset, "--gateway", gateway, "--release-postfix", "two");

        Assert.Empty(one.Objects.Select(found => found.ToString()).Intersect(two.Objects.Select(found => found.ToString())));
        Assert.Equal([], ReferenceWalk.Errors([.. one.Objects, .. two.Objects], Token));
        Assert.True(Selectors(one).Count() >= one.Objects.Count(found => found.Kind is "Deployment" or "Service" or "PodMonitor" or "ServiceMonitor" or "NetworkPolicy"));
        Assert.Equal([], Selectors(one).Where(selector => Labels(two).Any(labels => ReferenceWalk.Matches(selector, labels))));
        Assert.Equal([], Selectors(two).Where(selector => Labels(one).Any(labels => ReferenceWalk.Matches(selector, labels))));

        // Pods and Services are all that selectors of a chart mean.
        static IEnumerable<Dictionary<string, string>> Labels(PublishedChart chart) =>
            chart.Objects.SelectMany(found => found.Pods.Select(pod => pod.Labels).Prepend(found.Labels));

        static IEnumerable<Dictionary<string, string>> Selectors(PublishedChart chart) => chart.Objects.SelectMany(found => SelectorWalk.Of(found.Root));
    }

    // A gateway of GKE has no Service that a Job could call.
    [Fact]
    public async Task Gke_HasNoJobs()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b", "--gateway", "gke");

        Assert.DoesNotContain(chart.Objects, found => found.Kind == "Job");
    }

    // The validator itself: an object that the API server would refuse is refused here.
    [Theory]
    [InlineData("replicas: 2", "replicaz: 2", "Deployment d.spec.replicaz is unknown")]
    [InlineData("replicas: 2", "replicas: \"2\"", "Deployment d.spec.replicas is string, not integer")]
    [InlineData("name: \"c\"", "image: \"c\"", "Deployment d.spec.template.spec.containers[0].name is required")]
    public void Validator_FindsWhatTheApiServerRefuses(string right, string wrong, string error)
    {
        Assert.SkipWhen(SchemaCatalog.IsAbsent, ReferenceFolder.WhyAbsent);
        const string Deployment = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              replicas: 2
              selector: {matchLabels: {a: b}}
              template: {metadata: {labels: {a: b}}, spec: {containers: [{name: "c"}]}}
            """;
        var validator = new SchemaValidator(SchemaCatalog.Shared);

        Assert.Equal([], validator.Validate(new RenderedObject("d.yaml", Yaml.Parse(Deployment))));
        Assert.Equal([error], validator.Validate(new RenderedObject("d.yaml", Yaml.Parse(Deployment.Replace(right, wrong, StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData("portSpecification: USE_FIXED_PORT, port: 8000", null)]
    [InlineData("port: 8000", "port and portName must be unset for portSpecification being USE_SERVING_PORT (which is the default)")]
    public void Validator_AsksTheRulesOfACustomKind(string check, string? error)
    {
        Assert.SkipWhen(SchemaCatalog.IsAbsent, ReferenceFolder.WhyAbsent);
        var policy = $$"""
            apiVersion: networking.gke.io/v1
            kind: HealthCheckPolicy
            metadata: {name: p}
            spec:
              default:
                config:
                  type: HTTP
                  httpHealthCheck: { requestPath: /health, {{check}} }
              targetRef: {group: "", kind: Service, name: s}
            """;

        var errors = new SchemaValidator(SchemaCatalog.Shared).Validate(new RenderedObject("p.yaml", Yaml.Parse(policy)));

        Assert.Equal(error is null, errors.Count == 0);
        Assert.Equal(error is not null, errors.Contains($"HealthCheckPolicy p.spec.default.config.httpHealthCheck: {error}"));
    }
}
