using System.Text;
using LlmdAspire.Router.Policies.Hashing;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Sessions;

/// <summary>Binds each session to the worker with the fewest sessions, and keeps it there while that may serve; vllm-router's <c>sticky_least_loaded</c>.</summary>
/// <remarks>Of workers with equally few sessions, rendezvous decides. Requests without a session go to the fewest requests in flight and are not counted.</remarks>
internal sealed class StickyLeastLoadedPolicy(TimeSpan expiry, int capacity, TimeProvider time) : IRoutingPolicy, IForgetfulPolicy, IKeepsSessions
{
    /// <summary>Sessions kept for one stage.</summary>
    public const int DefaultCapacity = 1 << 16;

    // Finding the fewest and binding to it must be one step, or new sessions that come together would all go to one worker.
    private readonly Lock _binding = new();
    private readonly SessionTable _sessions = new(expiry, capacity, time);
    private uint _next;

    public string Name => "sticky_least_loaded";

    public string ScoreName => "sessions";

    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public IReadOnlyCollection<KeyValuePair<Worker, int>> SessionCounts
    {
        get
        {
            lock (_binding)
            {
                return [.. _sessions.Counts];
            }
        }
    }

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: true);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: false);

    public bool Finish(string session)
    {
        lock (_binding)
        {
            _sessions.ReleaseIdle();
            return _sessions.Release(session);
        }
    }

    public void Forget()
    {
        lock (_binding)
        {
            _sessions.ReleaseIdle();
            _sessions.ReleaseRemoved();
        }
    }

    private PolicyChoice Decide(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores, bool forReal)
    {
        var session = RoutingKey.SessionOf(request);
        lock (_binding)
        {
            _sessions.ReleaseIdle();
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = _sessions.CountOn(candidates[i]);
            }

            if (session is null)
            {
                var turn = forReal ? Interlocked.Increment(ref _next) - 1 : Volatile.Read(ref _next);
                return new(LeastLoaded.Among(candidates, turn), "the request names no session; fewest requests in flight");
            }

            var choice = ChooseFor(session, candidates);
            if (forReal)
            {
                _sessions.Bind(session, candidates[choice.Index]);
            }

            return choice;
        }
    }

    private PolicyChoice ChooseFor(string session, ReadOnlySpan<Worker> candidates)
    {
        var isBound = _sessions.TryFind(session, out var worker);
        if (isBound && candidates.IndexOf(worker!) is >= 0 and var home)
        {
            return new(home, "its session is bound there");
        }

        return new(FewestSessions(session, candidates), isBound
            ? "its session's worker may not serve now; bound anew to the fewest sessions"
            : "a new session, bound to the fewest sessions");
    }

    private int FewestSessions(string session, ReadOnlySpan<Worker> candidates)
    {
        var fewest = int.MaxValue;
        var equals = new List<Worker>(candidates.Length);
        foreach (var worker in candidates)
        {
            var count = _sessions.CountOn(worker);
            if (count < fewest)
            {
                equals.Clear();
                fewest = count;
            }

            if (count == fewest)
            {
                equals.Add(worker);
            }
        }

        Worker[] among = [.. equals];
        return candidates.IndexOf(among[Rendezvous.Find(Encoding.UTF8.GetBytes(session), among, default)]);
    }
}
