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
        "--preset pd-dp8 --front router",
        "--preset vllm-native",
        "--preset vllm-native --storage-class fast",
    ];

    /// <summary>One of each kind is reviewed in full; the others differ in what is held to the schemas.</summary>
    public static TheoryData<string> ReviewedCharts { get; } =
    [
        .. s_providers.Select(provider => $"--preset pd-70b --gateway {provider}"),
        "--preset pd-dp8 --gateway istioBench",
        "--preset pd-dp8 --front router",
        "--preset epp-sticky --gateway istio",
        "--preset default --gateway none",
        "--preset vllm-native",
    ];

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task EveryObject_PassesStrictValidation(string options)
    {
        Assert.SkipWhen(SchemaCatalog.IsAbsent, ReferenceFolder.WhyAbsent);
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));
        var validator = new SchemaValidator(SchemaCatalog.Shared);

        Assert.Equal([], chart.Objects.SelectMany(validator.Validate));
    }

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task EveryReference_LeadsSomewhere(string options)
    {
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));

        Assert.Equal([], ReferenceWalk.Errors(chart.Objects, Token));
    }

    [Theory]
    [MemberData(nameof(ReviewedCharts))]
    public async Task Chart_IsTheOneThatWasReviewed(string options)
    {
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));

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
            Assert.All(chart.Files().Values, text => Assert.DoesNotContain(":latest", text, StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("HF_TOKEN", null);
        }
    }

    // Equal objects in one document become anchors and aliases, which some tools do not read, and after which keys are quoted: kinds are classes, made anew.
    [Theory]
    [MemberData(nameof(Charts))]
    public async Task NoFile_HasAnchors(string options)
    {
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));

        Assert.All(chart.Files().Values, text => Assert.DoesNotContain("&o0", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PublishingTwice_GivesTheSameBytes()
    {
        using var first = await PublishedChart.PublishAsync("--preset", "pd-70b");
        using var second = await PublishedChart.PublishAsync("--preset", "pd-70b");

        Assert.Equal(first.Files(), second.Files());
    }

    [Fact]
    public async Task TwoPostfixes_ShareNoName_AndSelectNoPodsOfEachOther()
    {
        using var one = await PublishedChart.PublishAsync("--preset", "pd-70b", "--release-postfix", "one");
        using var two = await PublishedChart.PublishAsync("--preset", "pd-70b", "--release-postfix", "two");

        Assert.Empty(one.Objects.Select(found => found.ToString()).Intersect(two.Objects.Select(found => found.ToString())));
        // Together they still hold: no selector of one matches pods of the other with other ports.
        Assert.Equal([], ReferenceWalk.Errors([.. one.Objects, .. two.Objects], Token));
        var pool = one.Find("InferencePool", "gaie-one").Root.TextEntries("spec", "selector", "matchLabels");
        var pods = two.Find("Deployment", "ms-two-llm-d-modelservice-decode").Pod!.TextEntries("metadata", "labels");
        Assert.Contains(pool, wanted => pods[wanted.Key] != wanted.Value);
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
}
