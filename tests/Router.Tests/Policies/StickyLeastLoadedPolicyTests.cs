using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Sessions;
using LlmdAspire.Router.Workers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Policies;

public sealed class StickyLeastLoadedPolicyTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly StickyLeastLoadedPolicy _policy;

    public StickyLeastLoadedPolicyTests() => _policy = new(SessionExpiry.Default, 100, _time);

    [Fact]
    public void NewSessions_GoWhereTheFewestAreBound_AndStay()
    {
        var workers = Fleet.Of(4);

        var homes = Enumerable.Range(0, 40).Select(i => Ask(i, workers)).ToArray();

        Assert.All(workers, worker => Assert.Equal(10, homes.Count(home => home == worker)));
        Assert.Equal(homes, Enumerable.Range(0, 40).Select(i => Ask(i, workers)));
        Assert.Equal([10, 10, 10, 10], _policy.SessionCounts.Select(count => count.Value));
    }

    [Fact]
    public void EqualWorkers_AreChosenByRendezvous_AsVllmRouterDoes()
    {
        Worker[] workers = [.. Enumerable.Range(1, 3).Select(i => Fleet.Worker($"http://worker{i}:8000"))];

        // Golden: the highest hash of "session-N:URL", by the program that HashPolicyTests speaks of.
        var first = Enumerable.Range(0, 12).Select(i => new StickyLeastLoadedPolicy(SessionExpiry.Default, 100, _time).Ask(Request(i), workers).Worker.Id.Host[^1]);

        Assert.Equal("232131113113", string.Concat(first));
    }

    [Fact]
    public void BoundWorker_MayNotServe_SessionMovesForGood()
    {
        var workers = Fleet.Of(3);
        var home = Ask(1, workers);
        var others = workers.Where(worker => worker != home).ToArray();

        var (moved, choice, _) = _policy.Ask(Request(1), others);

        Assert.StartsWith("its session's worker may not serve now", choice.Reason);
        Assert.Equal((moved, moved), (Ask(1, others), Ask(1, workers)));
        Assert.Equal([new KeyValuePair<Worker, int>(moved, 1)], _policy.SessionCounts);
    }

    [Fact]
    public void IdleSession_IsReleasedAfterItsTime_UsedOnesAreNot()
    {
        var workers = Fleet.Of(2);
        var (idle, used) = (Ask(1, workers), Ask(2, workers));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(used, Ask(2, workers));
        _time.Advance(TimeSpan.FromHours(1));
        _policy.Forget();

        Assert.Equal([new KeyValuePair<Worker, int>(used, 1)], _policy.SessionCounts);
        Assert.Equal((used, idle), (Ask(2, workers), Ask(3, workers)));
    }

    [Fact]
    public void FullTable_ReleasesTheLongestIdle()
    {
        var workers = Fleet.Of(1);
        for (var i = 0; i < 100; i++)
        {
            _ = Ask(i, workers);
        }

        _ = Ask(0, workers);
        _ = Ask(100, workers);

        Assert.Equal(100, _policy.SessionCounts.Single().Value);
        Assert.True(_policy.Finish("session-0"));
        Assert.False(_policy.Finish("session-1"));
        Assert.True(_policy.Finish("session-100"));
    }

    [Fact]
    public void RemovedWorker_LeavesNoSessions()
    {
        var workers = Fleet.Of(2);
        var home = Ask(1, workers);

        home.MarkRemoved();
        _policy.Forget();

        Assert.Empty(_policy.SessionCounts);
    }

    [Fact]
    public void WithoutSession_GoesByLoadAndIsNotCounted()
    {
        var workers = Fleet.Of(2);
        _ = Ask(1, workers);
        Fleet.Load(workers[0], 1);

        Assert.Equal(workers[1], _policy.Ask(Fleet.Completion("p"), workers).Worker);
        Assert.Equal(1, _policy.SessionCounts.Sum(count => count.Value));
    }

    [Fact]
    public void Preview_BindsNothing()
    {
        var workers = Fleet.Of(3);
        var scores = new float[3];

        var preview = _policy.Preview(Request(1), workers, scores);

        Assert.Empty(_policy.SessionCounts);
        Assert.Equal(workers[preview.Index], Ask(1, workers));
        Assert.Equal(1, (_policy.Preview(Request(1), workers, scores), scores.Sum()).Item2);
    }

    [Fact]
    public void LongSessionId_IsFinishedByTheSameId()
    {
        var id = new string('x', 5000);
        var workers = Fleet.Of(2);
        _ = _policy.Ask(Fleet.Request("{}", headers: ("x-session-id", id)), workers);

        Assert.False(_policy.Finish(id + "y"));
        Assert.True(_policy.Finish(id));
    }

    [Theory]
    [InlineData(null, 7200, null)]
    [InlineData(" 60 ", 60, null)]
    [InlineData("2h", 7200, "VLLM_ROUTER_SLL_SESSION_EXPIRATION_IN_S is '2h'; it must be a number of seconds from 1.")]
    [InlineData("0", 7200, "VLLM_ROUTER_SLL_SESSION_EXPIRATION_IN_S is '0'; it must be a number of seconds from 1.")]
    public void Expiry_IsVllmRoutersVariable(string? text, int seconds, string? mistake)
    {
        Assert.Equal(mistake, SessionExpiry.Read(text, out var expiry));
        Assert.Equal(seconds, expiry.TotalSeconds);
    }

    private Worker Ask(int session, Worker[] workers) => _policy.Ask(Request(session), workers).Worker;

    private static RoutingRequest Request(int session) => Fleet.Request("""{"prompt":"p"}""", headers: ("x-session-id", $"session-{session}"));
}
