using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Policies;

public sealed class CacheAwarePolicyTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, false)]
    [InlineData(31, true)]
    [InlineData(100, true)]
    public void Choose_SharedBeginningAboveTheThreshold_GoesWhereItIs(int sharedPercent, bool follows)
    {
        var policy = Create();
        var workers = Fleet.Of(4);
        var first = policy.Ask(Text(1, 6400), workers).Worker;
        var shared = 64 * sharedPercent;

        var next = policy.Ask(Fleet.Completion(Letters(1, shared) + Letters(2, 6400 - shared)), workers);

        Assert.Equal(follows ? PolicyOutcome.PrefixHeld : PolicyOutcome.PrefixUnknown, next.Choice.Outcome);
        Assert.Equal(follows, next.Worker == first);
        // Blocks of 64 bytes, behind 4 KiB of 256: never more than is shared, and never a block less.
        var score = next.Scores[Array.IndexOf(workers, first)];
        Assert.InRange(score, (sharedPercent / 100f) - (shared > 4096 ? 0.04f : 0.01f), (sharedPercent / 100f) + 1e-6f);
    }

    [Fact]
    public void Choose_PromptsWithNothingInCommon_AreSpreadByLoadAndInTurn()
    {
        var policy = Create();
        var workers = Fleet.Of(4);
        Fleet.Load(workers[2], 1);

        var chosen = Enumerable.Range(0, 9).Select(i => policy.Ask(Text(i, 500), workers).Worker).ToArray();

        Assert.DoesNotContain(workers[2], chosen);
        Assert.All(new[] { 0, 1, 3 }, i => Assert.InRange(chosen.Count(worker => worker == workers[i]), 2, 4));
    }

    [Fact]
    public void Choose_GrowingConversation_StaysWhereItBegan()
    {
        var policy = Create();
        var workers = Fleet.Of(8);
        var messages = """{"role":"system","content":"You help."}""";
        var homes = new HashSet<Worker>();
        for (var turn = 0; turn < 12; turn++)
        {
            messages += $$""",{"role":"user","content":"{{Letters(turn, 300)}}"}""";
            homes.Add(policy.Ask(Fleet.Request($$"""{"model":"m","messages":[{{messages}}]}"""), workers).Worker);
        }

        _ = Assert.Single(homes);
    }

    [Fact]
    public void Choose_LoadsOutOfBalance_TakesTheLeastBusyAndRemembersItThere()
    {
        var policy = Create(new() { BalanceAbsolute = 4, BalanceRelative = 1.5 });
        var workers = Fleet.Of(2);
        var home = policy.Ask(Text(1, 500), workers).Worker;
        var other = workers.Single(worker => worker != home);

        Fleet.Load(home, 4);
        Assert.Equal(home, policy.Ask(Text(1, 500), workers).Worker);
        Fleet.Load(home, 1);
        var moved = policy.Ask(Text(1, 500), workers);

        Assert.Equal((other, PolicyOutcome.Rebalanced), (moved.Worker, moved.Choice.Outcome));
        Assert.Contains("--balance-abs-threshold", moved.Choice.Reason);
        // Both hold it now, so the idler one is as good.
        Fleet.Load(other, 3);
        Assert.Equal((other, PolicyOutcome.PrefixHeld), (policy.Ask(Text(1, 500), workers).Worker, policy.Ask(Text(1, 500), workers).Choice.Outcome));
    }

    [Fact]
    public void Choose_RelativeBalance_LetsLargeLoadsDiffer()
    {
        var policy = Create(new() { BalanceAbsolute = 4, BalanceRelative = 1.5 });
        var workers = Fleet.Of(2);
        var home = policy.Ask(Text(1, 500), workers).Worker;
        Fleet.Load(workers.Single(worker => worker != home), 20);

        Fleet.Load(home, 30);
        Assert.Equal(home, policy.Ask(Text(1, 500), workers).Worker);
        Fleet.Load(home, 1);

        Assert.NotEqual(home, policy.Ask(Text(1, 500), workers).Worker);
    }

    [Theory]
    [InlineData("other", "")]
    [InlineData("m", "\"cache_salt\":\"s\",")]
    public void Choose_OtherModelOrSalt_SharesNothing(string model, string more)
    {
        var policy = Create();
        var workers = Fleet.Of(2);
        _ = policy.Ask(Fleet.Completion(Letters(1, 500)), workers);

        Assert.Equal(PolicyOutcome.PrefixUnknown, policy.Ask(Fleet.Completion(Letters(1, 500), model, more), workers).Choice.Outcome);
        Assert.Equal(PolicyOutcome.PrefixHeld, policy.Ask(Fleet.Completion(Letters(1, 500), model, more), workers).Choice.Outcome);
    }

    [Fact]
    public void Choose_TokenIdsOfEqualCount_AreDifferentPrompts()
    {
        var policy = Create();
        var workers = Fleet.Of(2);
        string Ids(int from) => $$"""{"model":"m","prompt":[{{string.Join(',', Enumerable.Range(from, 200))}}]}""";

        var first = policy.Ask(Fleet.Request(Ids(1000)), workers).Worker;
        var second = policy.Ask(Fleet.Request(Ids(2000)), workers);

        Assert.Equal(PolicyOutcome.PrefixUnknown, second.Choice.Outcome);
        Assert.Equal((first, second.Worker), (policy.Ask(Fleet.Request(Ids(1000)), workers).Worker, policy.Ask(Fleet.Request(Ids(2000)), workers).Worker));
    }

    [Fact]
    public void Choose_BodyInPieces_IsTheSamePrompt()
    {
        var policy = Create();
        var workers = Fleet.Of(3);
        var json = $$"""{"model":"m","prompt":"{{Letters(1, 3000)}}"}""";
        _ = policy.Ask(Fleet.Request(json), workers);

        Assert.Equal(1, policy.Ask(Fleet.Request(json, pieces: 7), workers).Scores.Max());
    }

    [Theory]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"model":"m","prompt":""}""")]
    public void Choose_WithoutPrompt_GoesByLoad(string json)
    {
        var workers = Fleet.Of(2);
        Fleet.Load(workers[0], 1);

        var (worker, choice, _) = Create().Ask(Fleet.Request(json), workers);

        Assert.Equal((workers[1], PolicyOutcome.Plain), (worker, choice.Outcome));
    }

    [Fact]
    public void Choose_RanksAreWorkersOfTheirOwn()
    {
        var policy = Create();
        Worker[] ranks = [Fleet.Worker("http://a:1@0"), Fleet.Worker("http://a:1@1")];
        var home = policy.Ask(Text(1, 500), ranks).Worker;

        var again = policy.Ask(Text(1, 500), ranks);

        Assert.Equal(home, again.Worker);
        Assert.Equal([0f, 1f], again.Scores.Order());
    }

    [Fact]
    public void Choose_HolderIsNoCandidate_AnotherOneTakesItAndIsRemembered()
    {
        var policy = Create();
        var workers = Fleet.Of(3);
        var home = policy.Ask(Text(1, 500), workers).Worker;
        var others = workers.Where(worker => worker != home).ToArray();

        var second = policy.Ask(Text(1, 500), others).Worker;

        Assert.Equal(second, policy.Ask(Text(1, 500), others).Worker);
    }

    [Fact]
    public void Preview_LeavesNoTrace()
    {
        var policy = Create();
        var workers = Fleet.Of(3);
        var scores = new float[3];

        var first = policy.Preview(Text(1, 500), workers, scores);
        Assert.Equal(first, policy.Preview(Text(1, 500), workers, scores));

        Assert.Equal(PolicyOutcome.PrefixUnknown, policy.Ask(Text(1, 500), workers).Choice.Outcome);
        Assert.Equal(500, policy.RememberedBytes.Sum(one => one.Value));
    }

    [Fact]
    public void Forget_RemovedWorker_LeavesItsPlaceToTheNext()
    {
        var policy = Create();
        var workers = Fleet.Of(2);
        var home = policy.Ask(Text(1, 500), workers).Worker;
        home.MarkRemoved();
        Assert.DoesNotContain(policy.RememberedBytes, one => one.Key == home);

        policy.Forget();
        var back = Fleet.Worker(home.Name);

        Assert.Equal([0f], policy.Ask(Text(1, 500), back).Scores);
        Assert.Equal(500, policy.RememberedBytes.Sum(one => one.Value));
    }

    [Fact]
    public void Forget_KeepsSoMuchTextPerWorker_TheLatestUsed()
    {
        var policy = Create(new() { MaxTreeSize = 3000 });
        var worker = Fleet.Of(1);
        for (var i = 0; i < 5; i++)
        {
            _ = policy.Ask(Text(i, 1000), worker);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _ = policy.Ask(Text(0, 1000), worker);
        Assert.Equal(5000, policy.RememberedBytes.Single().Value);
        policy.Forget();

        Assert.InRange(policy.RememberedBytes.Single().Value, 2900, 3000);
        var held = Enumerable.Range(0, 5).Select(i => policy.Preview(Text(i, 1000), worker, new float[1]).Outcome == PolicyOutcome.PrefixHeld);
        Assert.Equal([true, false, false, true, true], held);
    }

    [Fact]
    public void Choose_MoreThanTheMemoryHolds_StaysBoundedAndKnowsTheLatest()
    {
        var policy = Create(new() { MaxMemory = 64 << 10 });
        var workers = Fleet.Of(70);
        for (var i = 0; i < 3000; i++)
        {
            _ = policy.Ask(Text(i, 1000), workers);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(policy.RememberedBytes.Sum(one => one.Value), 1, (64 << 10) / 30 * 64);
        Assert.All(policy.RememberedBytes, one => Assert.True(one.Value >= 0));
        Assert.Equal(1, policy.Ask(Text(2999, 1000), workers).Scores.Max());
    }

    [Fact]
    public async Task Choose_ByManyAtOnce_NeverThrowsAndCountsRight()
    {
        var policy = Create(new() { MaxMemory = 256 << 10, MaxTreeSize = 100_000 });
        var workers = Fleet.Of(100);
        var requests = Enumerable.Range(0, 200).Select(i => Text(i, 2000)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                _ = policy.Ask(requests[((i * 7) + thread) % requests.Length], workers);
                if (i % 500 == 0 && thread == 0)
                {
                    policy.Forget();
                }
            }
        })));

        foreach (var worker in workers)
        {
            worker.MarkRemoved();
        }

        var all = policy.RememberedBytes.ToArray();
        policy.Forget();
        Assert.Empty(all);
        Assert.Empty(policy.RememberedBytes);
    }

    [Fact]
    public void Choose_AllocatesNothing()
    {
        var policy = Create();
        var workers = Fleet.Of(100);
        var scores = new float[100];
        var request = Text(1, 32 << 10);
        _ = policy.Choose(request, workers, scores);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _ = policy.Choose(request, workers, scores);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private CacheAwarePolicy Create(CacheAwareOptions? options = null) => new(options ?? new(), _time);

    private static RoutingRequest Text(int seed, int length) => Fleet.Completion(Letters(seed, length));

    private static string Letters(int seed, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = (char)('a' + random.Next(26));
            }
        });
    }
}
