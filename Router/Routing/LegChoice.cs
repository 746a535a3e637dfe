using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Routing;

/// <summary>A worker for one leg of a request, or why there is none, and who else there was.</summary>
internal sealed record LegChoice(Worker? Worker, EndpointSnapshot<Worker> All, Worker[] Eligible, string Reason)
{
    /// <summary>The leg names the worker's rank; without it the engine chooses one.</summary>
    public bool SendsRank { get; init; } = true;

    /// <summary>What the picker said about endpoints; empty where none was asked or it gave no scores.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Scores { get; init; } = [];

    /// <summary>How the policy weighed those it chose among; null when it only counts requests in flight.</summary>
    public PolicyScores? Weighed { get; init; }

    /// <summary>The endpoint as clients and operators read it.</summary>
    public string? Endpoint => Worker is null ? null : SendsRank ? Worker.Name : Worker.Id.BaseUrl;

    /// <summary>Adds everyone who was looked at for this leg.</summary>
    /// <param name="only">Prefill for the leg that computes the prompt; else everyone but those.</param>
    public void Describe(WorkerRole? only, List<Candidate> candidates)
    {
        var found = false;
        foreach (var worker in All.Endpoints)
        {
            if ((only == WorkerRole.Prefill) != (worker.Role == WorkerRole.Prefill) && worker != Worker)
            {
                continue;
            }

            found |= worker == Worker;
            candidates.Add(Describe(worker));
        }

        if (!found && Worker is not null)
        {
            candidates.Add(Describe(Worker));
        }
    }

    private Candidate Describe(Worker worker)
    {
        var isChosen = worker == Worker;
        var name = isChosen ? Endpoint! : worker.Name;
        foreach (var (endpoint, score) in Scores)
        {
            if (worker.Name.EndsWith("://" + endpoint, StringComparison.Ordinal))
            {
                return new(name, Eligible: true, null, "picker", score, score);
            }
        }

        var at = Array.IndexOf(Eligible, worker);
        return new(name, isChosen || at >= 0, worker.InFlight, Weighed?.Name, Weighed?.Of(worker, at) ?? 0, isChosen ? 1 : 0);
    }
}

/// <summary>What a policy weighed candidates by.</summary>
/// <param name="Name">Of the score.</param>
/// <param name="Values">One for each of <paramref name="Workers"/>.</param>
internal sealed record PolicyScores(string Name, Worker[] Workers, float[] Values)
{
    /// <param name="at">Where the worker probably stands; looked for elsewhere when it does not.</param>
    /// <returns>0 for a worker that was not among those weighed.</returns>
    public double Of(Worker worker, int at)
    {
        at = at >= 0 && at < Workers.Length && Workers[at] == worker ? at : Array.IndexOf(Workers, worker);
        return at < 0 ? 0 : Math.Round(Values[at], 4);
    }
}
