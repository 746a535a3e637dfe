using LlmdAspire.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Charts in Helm's own hands: it must find nothing to say about them, and render what <see cref="ChartRenderer"/> does, which every other test looks at.</summary>
public sealed class HelmTests
{
    private static readonly string? s_missing = Tool.Missing("helm", "get.helm.sh");

    [Theory]
    [MemberData(nameof(PublishedChartTests.Charts), MemberType = typeof(PublishedChartTests))]
    public async Task Helm_FindsNoMistake_AndRendersTheSameObjects(string options)
    {
        Assert.SkipWhen(s_missing is not null, s_missing ?? "");
        var chart = await PublishedChart.SharedAsync(options);

        var (lintCode, lint, _) = await Tool.RunAsync("helm", ["lint", "--strict", chart.Folder]);
        var (code, rendered, errors) = await Tool.RunAsync("helm", ["template", chart.Release, chart.Folder, "--namespace", chart.Namespace]);

        Assert.True(lintCode == 0, lint);
        Assert.True(code == 0, errors);
        Assert.Equal(Values(chart.Objects.Select(found => found.Root)), Values(Yaml.ParseAll(rendered)));
    }

    private static IEnumerable<string> Values(IEnumerable<YamlMappingNode> objects) =>
        objects.SelectMany(found => found.Values($"{found.Text("kind")} {found.Text("metadata", "name")}")).Order(StringComparer.Ordinal);
}
