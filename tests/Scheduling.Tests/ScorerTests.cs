using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Scorers;

namespace LlmdAspire.Scheduling.Tests;

public sealed class ScorerTests
{
    private const string Approximate = "approx-prefix-cache-producer";

    public static TheoryData<string, int[], double[]> Queues => new()
    {
        { "the shortest gets 1, the longest 0", [0, 5, 10], [1, 0.5, 0] },
        { "all equal: the scorer does not decide", [4, 4], [1, 1] },
        { "one alone", [7], [1] },
    };

    [Theory]
    [MemberData(nameof(Queues))]
    public void Queue_IsScoredBetweenLongestAndShortest(string reason, int[] waiting, double[] expected)
    {
        _ = reason;
        var engines = Engines.Of([.. waiting.Select(count => new EngineLoad { Waiting = count })]);

        Assert.Equal(expected, LowestCountScorer.OfWaiting().Score(Engines.Context(engines)));
    }

    [Fact]
    public void RunningRequests_AreScoredTheSameWay()
    {
        var engines = Engines.Of(new() { Running = 8 }, new() { Running = 0 }, new() { Running = 2 });

        Assert.Equal([0, 1, 0.75], LowestCountScorer.OfRunning().Score(Engines.Context(engines)));
    }

    [Fact]
    public void KvUtilisation_IsWhatIsFree()
    {
        var engines = Engines.Of(new() { KvUsage = 0 }, new() { KvUsage = 0.25 }, new() { KvUsage = 1 });

        Assert.Equal([1, 0.75, 0], new KvCacheUtilizationScorer().Score(Engines.Context(engines)));
    }

    [Fact]
    public void LoadAware_FallsFromOneHalfToZeroAtTheThreshold()
    {
        var engines = Engines.Of(new() { Waiting = 0 }, new() { Waiting = 64 }, new() { Waiting = 128 }, new() { Waiting = 500 });

        Assert.Equal([0.5, 0.25, 0, 0], new LoadAwareScorer(LoadAwareScorer.DefaultThreshold).Score(Engines.Context(engines)));
    }

    [Fact]
    public void ActiveRequests_IdleGetsOneAndTheBusiestZero()
    {
        var engines = Engines.Count(3);
        engines[1].Begin(1);
        engines[2].Begin(1);
        engines[2].Begin(1);

        Assert.Equal([1, 0.5, 0], new ActiveRequestScorer(0, 1).Score(Engines.Context(engines)));
        Assert.Equal([1, 1, 0], new ActiveRequestScorer(1, 0.4).Score(Engines.Context(engines)));
    }

    [Fact]
    public void TokenLoad_CountsWhatIsUnderWayAndThisPromptsUncachedTokens()
    {
        var engines = Engines.Count(2);
        engines[0].Begin(500);
        var context = Engines.Context(engines).WithPrefixes(total: 10, blocks: [10, 5]);

        Assert.Equal([0.5, 0.92], new TokenLoadScorer(1000, Approximate).Score(context));
    }

    public static TheoryData<string, double, double[]> Prefixes => new()
    {
        { "the share of the prompt", 0, [1, 0.25, 0] },
        { "half by the square of the length", 0.5, [0.5 + 0.5 * 0.25, 0.125 + 0.5 * 0.015625, 0] },
    };

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void PrefixCache_IsTheMatchedShareOfThePrompt(string reason, double lengthWeight, double[] expected)
    {
        _ = reason;
        var context = Engines.Context(Engines.Count(3)).WithPrefixes(total: 8, blocks: [8, 2]);

        Assert.Equal(expected.Select(score => Math.Round(score, 6)), new PrefixCacheScorer(Approximate, lengthWeight, 256).Score(context));
    }

    [Fact]
    public void PrefixCache_WithoutFindings_IsZero()
    {
        Assert.Equal([0, 0], new PrefixCacheScorer(Approximate, 0, 8192).Score(Engines.Context(Engines.Count(2))));
    }

    [Fact]
    public void PrefixCache_WeighsBlocksByTheirTier()
    {
        var context = Engines.Context(Engines.Count(2)).WithPrefixes(total: 4, blocks: [4, 4], weights: [4, 2]);

        Assert.Equal([1, 0.5], new PrefixCacheScorer(Approximate, 0, 8192).Score(context));
    }

    [Fact]
    public void NoHitLru_ColdPromptsGoRoundTheEndpoints()
    {
        var engines = Engines.Count(3);
        var scorer = new NoHitLruScorer(16, Approximate);
        var seen = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            var context = Engines.Context(engines);
            var best = Array.IndexOf(scorer.Score(context), 1.0);
            seen.Add(best);
            scorer.Picked(context, Result(context, best));
        }

        Assert.Equal([0, 1, 2, 0, 1], seen);
    }

    [Fact]
    public void NoHitLru_HasNoOpinionOnWarmPromptsAndDoesNotCountThem()
    {
        var engines = Engines.Count(2);
        var scorer = new NoHitLruScorer(16, Approximate);
        var warm = Engines.Context(engines).WithPrefixes(total: 4, blocks: [0, 1]);

        Assert.Equal([0.5, 0.5], scorer.Score(warm));

        scorer.Picked(warm, Result(warm, 0));

        Assert.Equal([1, 0], scorer.Score(Engines.Context(engines)));
    }

    [Fact]
    public void NoHitLru_OneAlone_GetsOne()
    {
        Assert.Equal([1], new NoHitLruScorer(16, Approximate).Score(Engines.Context(Engines.Count(1))));
    }

    [Fact]
    public void LoraAffinity_ActiveBeatsRoomBeatsWaitingBeatsFull()
    {
        var engines = Engines.Of(
            new() { MaxLoras = 1, RunningLoras = ["m"] },
            new() { MaxLoras = 2, RunningLoras = ["other"] },
            new() { MaxLoras = 2, RunningLoras = ["other"], WaitingLoras = ["m"] },
            new() { MaxLoras = 1, RunningLoras = ["other"] });

        Assert.Equal([1, 0.8, 0.6, 0], new LoraAffinityScorer().Score(Engines.Context(engines)));
    }

    [Fact]
    public void SessionAffinity_FindsTheEndpointOfTheToken()
    {
        var engines = Engines.Count(2);
        var token = SessionToken.Write(engines[1].Name);
        var request = new Requests.InferenceRequest { RequestId = "r", Header = name => name == SessionToken.Header ? token : null };

        Assert.Equal([0, 1], new SessionAffinityScorer().Score(Engines.Context(engines, request)));
        Assert.Null(SessionToken.Read("no base64!"));
    }

    [Fact]
    public async Task SessionAffinity_FollowsAHeaderForEachProfile()
    {
        var scheduler = Configuration.EndpointPickerConfig.Load("""
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - {type: prefill-filter}
            - {type: decode-filter}
            - {type: always-disagg-pd-decider}
            - {type: disagg-profile-handler, parameters: {deciders: {prefill: always-disagg-pd-decider}}}
            - {type: session-affinity-scorer, name: for-decode}
            - {type: session-affinity-scorer, name: for-prefill, parameters: {profileName: prefill, encodedEndpointHeaderConfig: {header: X-Session-Token-Prefill}}}
            schedulingProfiles:
            - {name: prefill, plugins: [{pluginRef: prefill-filter}, {pluginRef: for-prefill}]}
            - {name: decode, plugins: [{pluginRef: decode-filter}, {pluginRef: for-decode}]}
            """);
        var engines = Engines.WithRoles("prefill", "prefill", "prefill", "decode", "decode", "decode");
        var tokens = new Dictionary<string, string>
        {
            ["x-session-token"] = SessionToken.Write(engines[4].Name),
            ["x-session-token-prefill"] = SessionToken.Write(engines[1].Name),
        };
        var request = new Requests.InferenceRequest { RequestId = "r", Header = tokens.GetValueOrDefault };

        var result = await scheduler.ScheduleAsync(Engines.Context(engines, request), CancellationToken.None);

        Assert.Equal((engines[4], engines[1]), (result.Best, result.Prefill));
        Assert.Equal(tokens.OrderBy(token => token.Key), scheduler.SessionTokens(result).OrderBy(token => token.Key));
    }

    // A result as if the profile had chosen that endpoint.
    private static ScheduleResult Result(Requests.SchedulingContext context, int chosen)
    {
        var endpoint = context.Candidates[chosen];
        var profile = new Profiles.SchedulerProfile("default", [], [new("pin", new Pin(chosen))], new Pickers.MaxScorePicker(1, new Random(1)));
        var run = profile.Run(context);
        Assert.Same(endpoint, run.Best);
        return new ScheduleResult(ScheduleOutcome.Chosen, [run]) { Destinations = run.Chosen };
    }

    private sealed class Pin(int index) : Profiles.IScorer
    {
        public void Score(Requests.SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores) => scores[index] = 1;
    }
}
