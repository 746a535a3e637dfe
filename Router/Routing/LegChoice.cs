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
                return new(name, Eligible: true, "picker", score, score);
            }
        }

        return new(name, isChosen || Array.IndexOf(Eligible, worker) >= 0, "in_flight", worker.InFlight, isChosen ? 1 : 0);
    }
}
