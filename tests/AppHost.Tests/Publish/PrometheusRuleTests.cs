using System.Text.RegularExpressions;
using LlmdAspire.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Prometheus takes the rules, they ask only for metrics that somebody has, and they fire when they should.</summary>
public sealed partial class PrometheusRuleTests
{
    private static readonly string[] s_words =
        ["sum", "avg", "max", "by", "rate", "increase", "absent", "and", "or", "histogram_quantile", "avg_over_time", "job", "pod", "le", "up"];

    [Theory]
    [InlineData("default", 14)]
    [InlineData("pd-70b", 10)]
    [InlineData("epp-sticky", 12)]
    [InlineData("vllm-native", 6)]
    public async Task EveryRule_NamesMetricsThatExist_OfThisInstallationOnly(string preset, int alerts)
    {
        using var chart = await PublishedChart.PublishAsync("--preset", preset);
        var rules = Rules(chart).Items("groups").SelectMany(group => group.Items("rules")).ToList();
        var recorded = rules.Select(rule => rule.Text("record")).OfType<string>().ToList();

        Assert.Equal(alerts, rules.Count(rule => rule.Text("alert") is not null));
        Assert.All(rules, rule =>
        {
            var expression = rule.Text("expr")!;
            // What is between quotes are values; between braces, labels; between brackets, durations.
            var bare = Regex.Replace(Regex.Replace(Regex.Replace(expression, "\"[^\"]*\"", ""), @"\{[^}]*\}", "{}"), @"\[[^\]]*\]", "");
            var words = Word().Matches(bare).Select(match => match.Value).Where(word => !s_words.Contains(word)).ToList();
            Assert.All(words, word => Assert.True(MetricNames.Exist(word) || recorded.Contains(word), word));
            Assert.All(words.Append("up"), word => Assert.DoesNotMatch($@"(?<![\w:]){Regex.Escape(word)}(?![\w:{{])", bare));
            Assert.All(Regex.Matches(expression, @"\{[^}]*\}").Select(match => match.Value), selector => Assert.Contains("job=", selector, StringComparison.Ordinal));
        });
        Assert.All(rules.Where(rule => rule.Text("alert") is not null), alert =>
        {
            Assert.NotNull(alert.Text("for"));
            Assert.Contains(alert.Text("labels", "severity"), new[] { "warning", "critical" });
            Assert.NotNull(alert.Text("annotations", "summary"));
            Assert.NotNull(alert.Text("annotations", "description"));
        });
    }

    [Theory]
    [InlineData("--preset default")]
    [InlineData("--preset pd-70b --alert-ttft 0.25")]
    [InlineData("--preset pd-dp8 --front router")]
    public async Task Prometheus_TakesTheRules(string options)
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));

        var wrong = await Promtool.CheckRulesAsync(await RulesFileAsync(chart));
        Assert.True(wrong is null, wrong);
    }

    // Minutes 0-30 of a stack in which everything goes wrong: one engine of two is away, the other is full, slow and its queue long; picker and index fail.
    [Fact]
    public async Task WhatGoesWrong_RaisesItsAlert_AndNothingElseDoes()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        using var chart = await PublishedChart.PublishAsync("--preset", "default");
        var tests = $"""
            rule_files: [{Path.GetFileName(await RulesFileAsync(chart))}]
            evaluation_interval: 1m
            tests:
            - interval: 1m
              input_series:
              - {Series("up", Engines + ",pod=\"a\"", "1x40")}
              - {Series("up", Engines + ",pod=\"b\"", "0x40")}
              - {Series("vllm:num_requests_waiting", Engines + ",pod=\"a\"", "9x40")}
              - {Series("vllm:kv_cache_usage_perc", Engines + ",pod=\"a\"", "0.99x40")}
              - {Series("vllm:time_to_first_token_seconds_bucket", Engines + ",pod=\"a\",le=\"1\"", "0x40")}
              - {Series("vllm:time_to_first_token_seconds_bucket", Engines + ",pod=\"a\",le=\"10\"", "0+60x40")}
              - {Series("vllm:time_to_first_token_seconds_bucket", Engines + ",pod=\"a\",le=\"+Inf\"", "0+60x40")}
              - {Series("vllm:nixl_num_failed_transfers_total", Engines + ",pod=\"a\"", "0+1x40")}
              - {Series("up", Picker, "1x40")}
              - {Series("llm_d_epp_ready_endpoints", Picker, "0x40")}
              - {Series("llm_d_epp_scheduler_attempts_total", Picker + ",status=\"success\"", "0+80x40")}
              - {Series("llm_d_epp_scheduler_attempts_total", Picker + ",status=\"failure\"", "0+20x40")}
              - {Series("llmd_epp_indexer_fallback_total", Picker + ",reason=\"timeout\"", "0+50x40")}
              - {Series("llmd_kvindexer_gaps_total", Index + ",endpoint=\"a\"", "0+1x40")}
              alert_rule_test:
              {Fires("LlmdEngineAway", "warning", Engines + ",pod=\"b\"")}
              {Fires("LlmdRequestsWaiting", "warning", Engines)}
              {Fires("LlmdKvCacheFull", "warning", Engines + ",pod=\"a\"")}
              {Fires("LlmdTimeToFirstTokenHigh", "warning", Engines)}
              {Fires("LlmdKvTransfersFail", "warning", Engines)}
              {Fires("LlmdNoReadyEndpoint", "critical", "job=\"gaie-default-epp\"")}
              {Fires("LlmdPicksFail", "warning", "job=\"gaie-default-epp\"")}
              {Fires("LlmdKvIndexerDegraded", "warning", "job=\"gaie-default-epp\"")}
              {Fires("LlmdKvEventsLost", "warning", "job=\"kv-indexer-default\"")}
              {Fires("LlmdKvIndexerAway", "warning", Index)}
              {Fires("LlmdRouterAway", "critical", Router)}
              {Silent("LlmdNoEngine")}
              {Silent("LlmdPickerAway")}
              {Silent("LlmdPrefixHitRatioDropped")}
            - interval: 1m
              input_series:
              - {Series("vllm:prefix_cache_queries_total", Engines, "0+1000x1600")}
              - {Series("vllm:prefix_cache_hits_total", Engines, "0+600x1440 864000+100x160")}
              alert_rule_test:
              {Fires("LlmdPrefixHitRatioDropped", "warning", Engines, "1530m")}
              {Silent("LlmdPrefixHitRatioDropped", "1400m")}

            """;
        var file = Path.Combine(chart.Folder, "rules-test.yaml");
        // Texts of alerts are compared by the reviewed charts.
        await File.WriteAllTextAsync(file, tests, TestContext.Current.CancellationToken);

        var wrong = await Promtool.TestRulesAsync(file);
        Assert.True(wrong is null, wrong);
    }

    private const string Engines = "job=\"llm-d/ms-default-llm-d-modelservice\"";
    private const string Picker = "job=\"gaie-default-epp\",namespace=\"llm-d\"";
    private const string Index = "job=\"kv-indexer-default\",namespace=\"llm-d\"";
    private const string Router = "job=\"vllm-router-default\",namespace=\"llm-d\"";

    private static string Series(string name, string labels, string values) => $$"""{series: '{{name}}{{{labels}}}', values: '{{values}}'}""";

    private static string Fires(string alert, string severity, string labels, string at = "30m") =>
        $$"""- {eval_time: {{at}}, alertname: {{alert}}, exp_alerts: [{exp_labels: {severity: {{severity}}, {{YamlOf(labels)}} } }]}""";

    private static string YamlOf(string labels) => labels.Replace("=", ": ", StringComparison.Ordinal);

    private static string Silent(string alert, string at = "30m") => $$"""- {eval_time: {{at}}, alertname: {{alert}}, exp_alerts: []}""";

    private static YamlNode Rules(PublishedChart chart) => chart.Objects.Single(found => found.Kind == "PrometheusRule").Root.At("spec")!;

    // What the operator writes for Prometheus, without the texts.
    private static async Task<string> RulesFileAsync(PublishedChart chart)
    {
        var rules = Rules(chart);
        foreach (var rule in rules.Items("groups").SelectMany(group => group.Items("rules")).OfType<YamlMappingNode>())
        {
            rule.Children.Remove("annotations");
        }

        var file = Path.Combine(chart.Folder, "rules.yaml");
        await using var writer = new StreamWriter(file);
        new YamlStream(new YamlDocument(rules)).Save(writer, assignAnchors: false);
        return file;
    }

    [GeneratedRegex(@"[a-zA-Z_][\w:]*")]
    private static partial Regex Word();
}
