using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Policies;

namespace LlmdAspire.Router.Workers;

/// <summary>Finds the worker for an attempt: first who may serve, then the policy's choice among them.</summary>
internal sealed class WorkerSelector(WorkerPool pool, IRoutingPolicy policy, TimeProvider time)
{
    public string PolicyName => policy.Name;

    /// <summary>Chooses a worker.</summary>
    /// <param name="tried">Workers that failed this request; taken again only when no other is left.</param>
    public Selection Select(in RoutingRequest request, IReadOnlyList<Worker> tried) => Select(request, tried, preview: false);

    /// <summary>What <see cref="Select(in RoutingRequest, IReadOnlyList{Worker})"/> would choose now, without leaving a trace.</summary>
    public Selection Preview(in RoutingRequest request) => Select(request, [], preview: true);

    /// <summary>Turns a selection into what <c>/explain</c> answers.</summary>
    public Decision Explain(string requestId, in Selection selection, int attempt)
    {
        var candidates = new Candidate[selection.All.Length];
        for (var i = 0; i < candidates.Length; i++)
        {
            var worker = selection.All[i];
            var isChosen = worker == selection.Worker;
            candidates[i] = new(worker, Array.IndexOf(selection.Eligible, worker) >= 0, worker.InFlight, isChosen ? 1 : 0);
        }

        var reason = selection.Worker is null ? selection.NoneBecause! : attempt > 1 ? $"{policy.Reason}, attempt {attempt}" : policy.Reason;
        return new(requestId, selection.Worker?.Name, policy.Name, reason, candidates, time.GetTimestamp());
    }

    private Selection Select(in RoutingRequest request, IReadOnlyList<Worker> tried, bool preview)
    {
        var all = pool.Current.Endpoints;
        var eligible = Eligible(all, request.Peek.Model);
        if (eligible.Length == 0)
        {
            var reason = all.IsEmpty ? "no workers are registered" : "no worker is healthy and accepts requests";
            return new(null, all, eligible, reason);
        }

        var chosen = preview ? eligible[policy.Preview(request, eligible)] : ChooseUntried(request, eligible, tried);
        return new(chosen, all, eligible, null);
    }

    // Asking the policy again keeps its order: the next in turn after a failed worker is the one that would have come next anyway.
    private Worker ChooseUntried(in RoutingRequest request, Worker[] eligible, IReadOnlyList<Worker> tried)
    {
        var choice = eligible[policy.Choose(request, eligible)];
        for (var i = 1; i < eligible.Length && tried.Contains(choice); i++)
        {
            choice = eligible[policy.Choose(request, eligible)];
        }

        return tried.Contains(choice) ? Array.Find(eligible, worker => !tried.Contains(worker)) ?? choice : choice;
    }

    // Three tiers, and the first that has anyone decides: healthy ones; healthy ones that a request failed to reach; ones not probed yet.
    private static Worker[] Eligible(ReadOnlySpan<Worker> all, string? model)
    {
        for (var tier = 0; tier < 3; tier++)
        {
            var count = 0;
            foreach (var worker in all)
            {
                count += IsInTier(worker, tier, model) ? 1 : 0;
            }

            if (count > 0)
            {
                return Pick(all, tier, model, count);
            }
        }

        return [];
    }

    private static Worker[] Pick(ReadOnlySpan<Worker> all, int tier, string? model, int count)
    {
        var picked = new Worker[count];
        var next = 0;
        foreach (var worker in all)
        {
            // A worker may have changed since it was counted.
            if (next < count && IsInTier(worker, tier, model))
            {
                picked[next++] = worker;
            }
        }

        return next == count ? picked : picked[..next];
    }

    private static bool IsInTier(Worker worker, int tier, string? model)
    {
        if (model is not null && worker.Serves(model) == false)
        {
            return false;
        }

        return tier switch
        {
            0 => worker.IsAvailable && !worker.Suspect,
            1 => worker.IsAvailable,
            _ => worker.Health == WorkerHealth.Unknown && !worker.Draining && worker.Breaker.LetsPass,
        };
    }
}

/// <summary>A worker, or why there is none, and who else there was.</summary>
internal readonly ref struct Selection(Worker? worker, ReadOnlySpan<Worker> all, Worker[] eligible, string? noneBecause)
{
    public Worker? Worker { get; } = worker;

    public ReadOnlySpan<Worker> All { get; } = all;

    public Worker[] Eligible { get; } = eligible;

    public string? NoneBecause { get; } = noneBecause;
}
