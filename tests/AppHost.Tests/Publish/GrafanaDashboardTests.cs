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

        var names = queries.SelectMany(query => MetricName().Matches(query).Select(match => match.Value)).Distinct().ToList();

        Assert.Equal(panels, dashboard["panels"]!.AsArray().Count);
        Assert.True(names.Count >= panels);
        Assert.All(names, name => Assert.True(MetricNames.Exist(name), name));
    }

    [Fact]
    public async Task EppSticky_ShowsTheKvHitRate()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "epp-sticky");

        var text = chart.Find("ConfigMap", "ms-llm-d-modelservice-dashboard").Root.TextEntries("data").Values.Single();
        Assert.Contains("vllm:prefix_cache_hits_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
    }

    [GeneratedRegex("(vllm:|llm_d_epp_|llmd_epp_)[a-z_]+")]
    private static partial Regex MetricName();
}
