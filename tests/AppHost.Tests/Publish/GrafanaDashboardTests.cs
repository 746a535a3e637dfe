using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>The dashboard asks only for metrics that somebody has.</summary>
public sealed partial class GrafanaDashboardTests
{
    [Theory]
    [InlineData("epp-sticky", 10)]
    [InlineData("vllm-native", 6)]
    public async Task EveryQuery_NamesMetricsThatExist(string preset, int panels)
    {
        using var chart = await PublishedChart.PublishAsync("--preset", preset);
        var map = chart.Objects.Single(found => found.Labels.ContainsKey("grafana_dashboard")).Root.TextEntries("data");
        var dashboard = JsonNode.Parse(map.Values.Single())!;
        var queries = dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!).ToList();

        var sources = Sources().Select(File.ReadAllText).ToList();
        var names = queries.SelectMany(query => MetricName().Matches(query).Select(match => Regex.Replace(match.Value, "_bucket$", ""))).Distinct().ToList();

        Assert.Equal(panels, dashboard["panels"]!.AsArray().Count);
        Assert.True(names.Count >= panels);
        Assert.All(names, name => Assert.Contains(sources, source => source.Contains($"\"{name}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task EppSticky_ShowsTheKvHitRate()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "epp-sticky");

        var text = chart.Find("ConfigMap", "ms-llm-d-modelservice-dashboard").Root.TextEntries("data").Values.Single();
        Assert.Contains("vllm:prefix_cache_hits_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
    }

    // Where the picker and the simulated engine name what they count; the engine's names are vLLM's.
    private static IEnumerable<string> Sources([CallerFilePath] string thisFile = "") =>
        new[] { "Epp", "Simulator" }.SelectMany(folder => Directory.EnumerateFiles(
            Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", folder), "*.cs", SearchOption.AllDirectories));

    [GeneratedRegex("(vllm:|llm_d_epp_|llmd_epp_)[a-z_]+")]
    private static partial Regex MetricName();
}
