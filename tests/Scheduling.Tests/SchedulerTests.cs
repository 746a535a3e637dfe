using LlmdAspire.Scheduling.Configuration;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Tests;

public sealed class SchedulerTests
{
    private const string PrefillDecode = """
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        - {type: prefill-filter}
        - {type: decode-filter}
        - {type: queue-scorer}
        - {type: prefix-cache-scorer}
        - {type: approx-prefix-cache-producer, parameters: {autoTune: false, blockSizeTokens: 16}}
        - {type: prefix-based-pd-decider, parameters: {nonCachedTokens: 16}}
        - type: disagg-profile-handler
          parameters: {deciders: {prefill: prefix-based-pd-decider}}
        schedulingProfiles:
        - {name: prefill, plugins: [{pluginRef: prefill-filter}, {pluginRef: queue-scorer}]}
        - {name: decode, plugins: [{pluginRef: decode-filter}, {pluginRef: prefix-cache-scorer, weight: 2}, {pluginRef: queue-scorer}]}
        """;

    private static readonly string s_longPrompt = new('x', 400);

    [Fact]
    public async Task NoCandidates_IsAResultOfItsOwn()
    {
        Assert.Equal(ScheduleOutcome.NoEndpoints, (await Load().ScheduleAsync(Engines.Context([]), default)).Outcome);
    }

    [Fact]
    public async Task FiltersThatLeaveNobody_DrainTheProfile()
    {
        Assert.Equal(ScheduleOutcome.Drained, (await Load().ScheduleAsync(Engines.Context(Engines.WithRoles("prefill")), default)).Outcome);
    }

    [Fact]
    public async Task LongUncachedPrompt_IsPrefilledElsewhere()
    {
        var result = await Load().ScheduleAsync(Engines.Context(Engines.WithRoles("prefill", "decode"), Engines.Prompt(s_longPrompt)), default);

        Assert.Equal((0, 1, "prefill-decode"), (result.Prefill!.Slot, result.Best!.Slot, result.DecisionType));
    }

    [Fact]
    public async Task ShortPrompt_StaysWithDecode()
    {
        var result = await Load().ScheduleAsync(Engines.Context(Engines.WithRoles("prefill", "decode"), Engines.Prompt("hi")), default);

        Assert.Null(result.Prefill);
        Assert.Equal("decode-only", result.DecisionType);
    }

    [Fact]
    public async Task RepeatedPrompt_GoesBackToWhoHoldsIt_WithoutPrefill()
    {
        var scheduler = Load();
        var engines = Engines.WithRoles("prefill", "decode", "decode", "decode");
        var first = Engines.Context(engines, Engines.Prompt(s_longPrompt));
        var chosen = await scheduler.ScheduleAsync(first, default);
        scheduler.Picked(first, chosen);

        for (var i = 0; i < 10; i++)
        {
            var again = await scheduler.ScheduleAsync(Engines.Context(engines, Engines.Prompt(s_longPrompt)), default);

            Assert.Same(chosen.Best, again.Best);
            Assert.Null(again.Prefill);
        }
    }

    [Fact]
    public async Task NoPrefillEndpointLeft_FallsBackToDecode()
    {
        var result = await Load().ScheduleAsync(Engines.Context(Engines.WithRoles("decode"), Engines.Prompt(s_longPrompt)), default);

        Assert.Equal((ScheduleOutcome.Chosen, null), (result.Outcome, result.Prefill));
    }

    [Fact]
    public async Task OldPdHandler_TakesAThresholdInPlaceOfADecider()
    {
        var scheduler = EndpointPickerConfig.Load("""
            apiVersion: inference.networking.x-k8s.io/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - {type: prefill-filter}
            - {type: decode-filter}
            - {type: pd-profile-handler, parameters: {threshold: 50, hashBlockSize: 5}}
            schedulingProfiles:
            - {name: prefill, plugins: [{pluginRef: prefill-filter}]}
            - {name: decode, plugins: [{pluginRef: decode-filter}]}
            """);
        var engines = Engines.WithRoles("prefill", "decode");

        Assert.NotNull((await scheduler.ScheduleAsync(Engines.Context(engines, Engines.Prompt(s_longPrompt)), default)).Prefill);
        Assert.Null((await scheduler.ScheduleAsync(Engines.Context(engines, Engines.Prompt(new string('x', 150))), default)).Prefill);
    }

    public static TheoryData<string, int, int, int[], bool> Deciders => new()
    {
        { "nothing cached", 16, 100, [0, 0], true },
        { "all cached", 16, 100, [0, 6], false },
        { "just enough missing", 16, 96, [0, 5], true },
        { "one too few missing", 17, 96, [0, 5], false },
        { "switched off", 0, 100, [0, 0], false },
        { "prompt shorter than the threshold", 200, 100, [0, 0], false },
    };

    [Theory]
    [MemberData(nameof(Deciders))]
    public void PrefixDecider_AsksHowMuchTheDecodeEndpointLacks(string reason, int nonCached, int tokens, int[] blocks, bool expected)
    {
        _ = reason;
        var engines = Engines.Count(2);
        var context = Engines.Context(engines).WithPrefixes(total: 7, blocks, tokens: tokens);

        Assert.Equal(expected, new PrefixBasedDecider(nonCached, 0, "approx-prefix-cache-producer").IsWorthwhile(context, engines[1]));
    }

    [Fact]
    public void PrefixDecider_WithoutFindings_DoesNotDisaggregate()
    {
        Assert.False(new PrefixBasedDecider(1, 0, "approx-prefix-cache-producer").IsWorthwhile(Engines.Context(Engines.Count(1)), Engines.One(0)));
    }

    [Theory]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]""", true)]
    [InlineData("""[{"role":"user","content":"say \"image_url\" please"}]""", false)]
    public void MultimodalDecider_SeesPartsNotText(string messages, bool expected)
    {
        Assert.Equal(expected, new MultimodalDecider().IsWorthwhile(Engines.Context(Engines.Count(1), Engines.Messages(messages)), Engines.One(0)));
    }

    [Fact]
    public async Task Indexer_AnswersWhereItIsThere_ForScorersThatNameNoProducer()
    {
        var lookup = new ScriptedLookup { Answer = _ => new PrefixLookupResult(new PrefixMatches(16, 4, 64, [0, 0, 4]) { Source = "indexer" }, null) };
        var context = Engines.Context(Engines.Count(3));

        var result = await EndpointPickerConfig.Load(EndpointPickerConfig.Default, new SchedulerOptions { PrefixLookup = lookup }).ScheduleAsync(context, default);

        Assert.Equal(2, result.Best!.Slot);
        Assert.Equal("indexer", Assert.Single(context.Prefixes).Matches.Source);
        Assert.Empty(lookup.Fallbacks);
    }

    [Fact]
    public async Task IndexerAway_TheApproximateIndexHasLearntMeanwhile()
    {
        var lookup = new ScriptedLookup { Answer = _ => new PrefixLookupResult(new PrefixMatches(16, 4, 64, [0, 4]) { Source = "indexer" }, null) };
        var scheduler = EndpointPickerConfig.Load(EndpointPickerConfig.Default, new SchedulerOptions { PrefixLookup = lookup });
        var engines = Engines.Count(3);
        var first = Engines.Context(engines, Engines.Prompt(s_longPrompt));
        scheduler.Picked(first, await scheduler.ScheduleAsync(first, default));

        lookup.Answer = _ => new PrefixLookupResult(null, "timeout");
        var second = Engines.Context(engines, Engines.Prompt(s_longPrompt));
        var result = await scheduler.ScheduleAsync(second, default);

        Assert.Equal(1, result.Best!.Slot);
        Assert.Equal(("approximate", "timeout"), (second.Prefixes[0].Matches.Source, second.Prefixes[0].Matches.Fallback));
        Assert.Equal(["timeout"], lookup.Fallbacks);
    }

    private static Scheduler Load() => EndpointPickerConfig.Load(PrefillDecode, new SchedulerOptions { Random = new Random(3) });

    private sealed class ScriptedLookup : IPrefixLookup
    {
        public Func<SchedulingContext, PrefixLookupResult> Answer { get; set; } = _ => default;

        public List<string> Fallbacks { get; } = [];

        public ValueTask<PrefixLookupResult> FindAsync(SchedulingContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Answer(context));

        public void FellBack(string reason) => Fallbacks.Add(reason);
    }
}
