using LlmdAspire.Scheduling.Configuration;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Tests;

public sealed class ConfigurationTests
{
    private const string Head = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";

    [Fact]
    public void Default_HasQueueKvAndPrefixWithTheirWeights()
    {
        var profile = Assert.Single(EndpointPickerConfig.Load(EndpointPickerConfig.Default).Profiles);

        Assert.Equal("default", profile.Name);
        Assert.Equal([("queue-scorer", 2.0), ("kv-cache-utilization-scorer", 2.0), ("prefix-cache-scorer", 3.0)], profile.Scorers.Select(scorer => (scorer.Name, scorer.Weight)));
    }

    [Theory]
    [InlineData("llm-d.ai/v1alpha1")]
    [InlineData("llm-d.ai/v1")]
    [InlineData("inference.networking.x-k8s.io/v1alpha1")]
    public void BothApiGroups_Load(string version)
    {
        Assert.NotNull(EndpointPickerConfig.Load($"apiVersion: {version}\nkind: EndpointPickerConfig\nplugins:\n- type: queue-scorer\n"));
    }

    [Fact]
    public void PluginsWithoutProfiles_MakeOneProfileOfAll_WithWeightOne()
    {
        var profile = Assert.Single(EndpointPickerConfig.Load(Head + """
            plugins:
            - type: decode-filter
            - type: queue-scorer
            - name: kv
              type: kv-cache-utilization-scorer
            - type: random-picker
            """).Profiles);

        Assert.Equal([("queue-scorer", 1.0), ("kv", 1.0)], profile.Scorers.Select(scorer => (scorer.Name, scorer.Weight)));
        Assert.Single(profile.Filters);
        Assert.IsType<Pickers.RandomPicker>(profile.Picker);
    }

    [Fact]
    public void PluginsMayNameOthersThatComeLater()
    {
        Assert.Equal(2, EndpointPickerConfig.Load(Head + """
            plugins:
            - type: pd-profile-handler
              parameters: {deciderPluginName: mine}
            - name: mine
              type: prefix-based-pd-decider
              parameters: {nonCachedTokens: 16}
            - type: decode-filter
            - type: prefill-filter
            schedulingProfiles:
            - name: prefill
              plugins: [{pluginRef: prefill-filter}]
            - name: decode
              plugins: [{pluginRef: decode-filter}]
            """).Profiles.Count);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "plugins:\n- name: a\n", "a plugin has no type" },
        { "plugins:\n- type: queue-scorer\n- type: queue-scorer\n", "'queue-scorer' is declared twice" },
        { "plugins:\n- type: queue-scorrer\n", "'queue-scorrer' does not exist" },
        { "plugins:\n- type: queue-scorer\n  parameters: {threshold: 3}\n", "unknown field 'threshold'; it takes none" },
        { "plugins:\n- type: load-aware-scorer\n  parameters: {threshold: many}\n", "threshold is 'many'; it must be a whole number" },
        { "plugins:\n- type: load-aware-scorer\n  parameters: {limit: 3}\n", "unknown field 'limit'; known are threshold" },
        { "plugins:\n- type: queue-scorer\nschedulingProfiles:\n- plugins: [{pluginRef: queue-scorer}]\n", "has no name" },
        { "plugins:\n- type: queue-scorer\nschedulingProfiles:\n- {name: a}\n- {name: a}\n", "'a' stands twice" },
        { "plugins:\n- type: queue-scorer\nschedulingProfiles:\n- {name: a, plugins: [{weight: 1}]}\n", "without pluginRef" },
        { "plugins:\n- type: queue-scorer\nschedulingProfiles:\n- {name: a, plugins: [{pluginRef: b}]}\n", "'b', which is not a declared plugin" },
        { "plugins:\n- type: random-picker\n- type: max-score-picker\nschedulingProfiles:\n- {name: a, plugins: [{pluginRef: random-picker}, {pluginRef: max-score-picker}]}\n", "two pickers" },
        { "plugins:\n- type: queue-scorer\nschedulingProfiles:\n- {name: a}\n- {name: b}\n", "no profile handler" },
        { "plugins:\n- type: single-profile-handler\nschedulingProfiles:\n- {name: a}\n- {name: b}\n", "runs one scheduling profile" },
        { "plugins:\n- type: single-profile-handler\n- type: data-parallel-profile-handler\nschedulingProfiles:\n- {name: a}\n", "2 profile handlers" },
        { "plugins:\n- type: disagg-profile-handler\n  parameters: {deciders: {prefill: nobody}}\nschedulingProfiles:\n- {name: decode}\n- {name: prefill}\n", "'nobody', which is not a declared plugin" },
        { "plugins:\n- type: prefix-based-pd-decider\n  parameters: {nonCachedTokens: -1}\n", "nonCachedTokens is '-1'" },
        { "plugins:\n- type: prefix-cache-scorer\n  parameters: {prefixMatchInfoProducerName: nobody}\n", "'nobody' is not a declared plugin" },
        { "plugins:\n- type: session-affinity-scorer\n  parameters: {profileName: prefill}\n", "needs a scheduling profile 'prefill'" },
        { "plugins:\n- type: session-affinity-scorer\n  parameters: {headerName: 'a b'}\n", "header is 'a b'" },
        { "plugins:\n- type: by-label\n  parameters: {label: a}\n", "validValues is empty" },
        { "plugins:\n- type: label-selector-filter\n  parameters: {matchExpressions: [{key: a, operator: Near}]}\n", "operator 'Near' does not exist" },
        { "featureGates: [flowControl]\nplugins:\n- type: queue-scorer\n", "'flowControl' cannot be switched on yet" },
        { "featureGates: [teleport]\nplugins:\n- type: queue-scorer\n", "'teleport' does not exist" },
        { "featureGates: [dataLayer=maybe]\nplugins:\n- type: queue-scorer\n", "must be dataLayer=true or dataLayer=false" },
        { "plugins:\n- type: probabilistic-admitter\n", "'probabilistic-admitter' is not supported yet" },
        { "flowControl: {maxBytes: 1}\nplugins:\n- type: queue-scorer\n", "flowControl: maxBytes is not supported yet" },
        { "saturationDetector: {pluginRef: nobody}\nplugins:\n- type: queue-scorer\n", "'nobody', which is not a declared plugin" },
        { "flowControl: {saturationDetector: {pluginRef: queue-scorer}}\nplugins:\n- type: queue-scorer\n", "'queue-scorer', which is not a saturation detector" },
        { "plugins:\n- type: utilization-detector\n  parameters: {metricsStalenessThreshold: soon}\n", "metricsStalenessThreshold is 'soon'; it must be a duration" },
        { "plugins:\n- type: concurrency-detector\n  parameters: {concurrencyMode: both}\n", "concurrencyMode is 'both'; it must be requests, tokens or hybrid" },
        { "typo: 1\nplugins:\n- type: queue-scorer\n", "unknown field 'typo'" },
        { "plugins: {}\n", "plugins must be a list" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_AreRefusedByName(string body, string says)
    {
        var refused = Assert.Throws<ConfigurationException>(() => EndpointPickerConfig.Load(Head + body));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.All(refused.Mistakes, line => Assert.DoesNotContain('\n', line));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("[1, 2]", "must be a map")]
    [InlineData("a: b: c", "not valid YAML")]
    [InlineData("kind: Other\napiVersion: v1\nplugins:\n- type: queue-scorer\n", "apiVersion is 'v1'")]
    public void WhatIsNoConfiguration_IsRefused(string text, string says)
    {
        Assert.Contains(says, Assert.Throws<ConfigurationException>(() => EndpointPickerConfig.Load(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllMistakes_AreToldAtOnce()
    {
        var refused = Assert.Throws<ConfigurationException>(() => EndpointPickerConfig.Load(Head + """
            plugins:
            - type: nothing-like-it
            - type: load-aware-scorer
              parameters: {threshold: x}
            schedulingProfiles:
            - name: a
              plugins: [{pluginRef: gone}]
            """));

        Assert.Equal(3, refused.Mistakes.Count);
    }

    [Fact]
    public void ExplicitParsers_ReplaceAllOthers()
    {
        var scheduler = EndpointPickerConfig.Load(Head + "plugins:\n- type: random-picker\nrequestHandler: {parsers: [{pluginRef: passthrough-parser}]}\n");

        Assert.Equal(RequestForms.Passthrough, scheduler.Forms);
        Assert.False(scheduler.ReadsEngineMetrics);
    }

    [Fact]
    public void SeededNonsense_IsRefusedNeverThrowsAnythingElse()
    {
        const string Marks = ":-[]{}#&*!|>'\"%@`\n\t ax0";
        var random = new Random(20);
        var text = EndpointPickerConfig.Default;
        for (var i = 0; i < 2000; i++)
        {
            var damaged = text.ToCharArray();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = Marks[random.Next(Marks.Length)];
            }

            try
            {
                _ = EndpointPickerConfig.Load(new string(damaged));
            }
            catch (ConfigurationException)
            {
                // Refused, as it should be.
            }
        }
    }
}
