using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Routing;

namespace LlmdAspire.Router.Workers;

/// <summary>Finds the worker for a leg: first who may serve, then the policy's choice among them.</summary>
internal sealed class WorkerSelector(WorkerPool pool, RoutingPolicies policies, DisaggregationOptions disaggregation, RouterMetrics metrics, TimeProvider time)
{
    public string PolicyName => policies.Serving.Name;

    /// <summary>Chooses who answers the client.</summary>
    /// <param name="tried">Workers that failed this request, once per attempt; taken again only when no other was tried less often.</param>
    /// <param name="prefill">Who computes the prompt; its rank may decide which rank answers.</param>
    public LegChoice Select(in RoutingRequest request, IReadOnlyList<Worker> tried, Worker? prefill = null, bool preview = false)
    {
        var all = pool.Current;
        var eligible = EligibleWorkers.Of(all.Endpoints, request.Peek.Model, WorkerRole.Decode);
        var sendsRank = true;
        var paired = prefill is null || eligible is [] ? eligible : Pair(eligible, prefill, out sendsRank);
        var choice = Choose(policies.Serving, request, all, eligible, paired, tried, preview);
        return choice with { SendsRank = sendsRank || choice.Worker?.RankCount == 1 };
    }

    /// <summary>Chooses who computes the prompt.</summary>
    public LegChoice SelectPrefill(in RoutingRequest request, IReadOnlyList<Worker> tried, bool preview = false)
    {
        var all = pool.Current;
        var eligible = EligibleWorkers.Of(all.Endpoints, request.Peek.Model, WorkerRole.Prefill);
        return Choose(policies.Prefill, request, all, eligible, eligible, tried, preview);
    }

    /// <summary>Chooses the least busy worker, whatever the policies are.</summary>
    public LegChoice SelectLeastLoaded(string? model, WorkerRole duty, IReadOnlyList<Worker> tried)
    {
        var all = pool.Current;
        var eligible = EligibleWorkers.Of(all.Endpoints, model, duty);
        return Choose(policies.LeastLoaded, default, all, eligible, eligible, tried, preview: false);
    }

    /// <summary>Turns choices into what <c>/explain</c> answers.</summary>
    public Decision Explain(string requestId, string policy, LegChoice serving, LegChoice? prefill, int attempt)
    {
        var candidates = new List<Candidate>(serving.All.Count);
        serving.Describe(only: null, candidates);
        prefill?.Describe(WorkerRole.Prefill, candidates);
        var reason = attempt > 1 && serving.Worker is not null ? $"{serving.Reason}, attempt {attempt}" : serving.Reason;
        if (prefill is { Worker: not null })
        {
            reason = $"{reason}; prefill: {prefill.Reason}";
        }

        return new(requestId, serving.Endpoint, prefill?.Endpoint, policy, reason, [.. candidates], time.GetTimestamp());
    }

    private LegChoice Choose(
        IRoutingPolicy policy, in RoutingRequest request, Serving.Endpoints.EndpointSnapshot<Worker> all,
        Worker[] eligible, Worker[] among, IReadOnlyList<Worker> tried, bool preview)
    {
        if (among.Length == 0)
        {
            return new(null, all, eligible, all.Count == 0 ? "no workers are registered" : "no worker is healthy and accepts requests");
        }

        var scores = ScoresFor(policy, among);
        var choice = preview ? policy.Preview(request, among, scores) : policy.Choose(request, among, scores);

        // All are asked first, so that a policy that takes turns goes on from where it stands. Once all were tried the round begins anew, so a worker
        // is due when none was tried less often.
        if (tried.Count > 0 && Due(among, tried) is var due && !due.Contains(among[choice.Index]))
        {
            (among, scores) = (due, ScoresFor(policy, due));
            choice = policy.Choose(request, among, scores);
        }

        if (!preview)
        {
            metrics.Decided(choice.Outcome);
        }

        return new(among[choice.Index], all, eligible, choice.Reason) { Weighed = policy.ScoreName is { } name ? new(name, among, scores) : null };
    }

    private static float[] ScoresFor(IRoutingPolicy policy, Worker[] among) => policy.ScoreName is null ? [] : new float[among.Length];

    private static Worker[] Due(Worker[] among, IReadOnlyList<Worker> tried)
    {
        var least = among.Min(worker => Times(tried, worker));
        return Array.FindAll(among, worker => Times(tried, worker) == least);
    }

    private static int Times(IReadOnlyList<Worker> tried, Worker worker) => tried.Count(one => one == worker);

    private Worker[] Pair(Worker[] eligible, Worker prefill, out bool sendsRank)
    {
        var pairing = disaggregation.For(prefill.RankCount, eligible[0].RankCount);
        sendsRank = pairing != RankPairing.Engine;
        if (pairing == RankPairing.Same)
        {
            var same = Array.FindAll(eligible, worker => worker.Id.Rank == prefill.Id.Rank);
            // Another rank fetches the blocks as well; only the pairing is lost.
            return same is [] ? eligible : same;
        }

        // One rank stands for its engine, always the same, or policies that remember would not know it again; its load is the engine's.
        return pairing == RankPairing.Engine ? [.. eligible.DistinctBy(worker => worker.Id.WithoutRank())] : eligible;
    }
}
