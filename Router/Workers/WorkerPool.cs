using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>The workers that exist now, and the way in and out.</summary>
/// <param name="forgetAfter">How long learned workers stay that nobody names; null where probes find out who is gone.</param>
internal sealed class WorkerPool(
    BreakerOptions firstBreaker, RankSizes sizes, TimeProvider time, Func<EndpointId, string> resolve, RouterMetrics metrics, TimeSpan? forgetAfter = null)
{
    // The picker's word alone must not make the list grow without end.
    private const int MaxWorkers = 4096;

    // One request has to do only so much of the work.
    private const int MostForgottenAtOnce = 64;

    private readonly EndpointRegistry<Worker> _registry = new();
    private volatile BreakerOptions _breaker = firstBreaker;

    /// <summary>The workers at this moment; a request takes it once.</summary>
    public EndpointSnapshot<Worker> Current => _registry.Current;

    /// <summary>Raised for each new worker, on the thread that added it; the prober listens.</summary>
    public event Action<Worker>? Added;

    /// <summary>Adds an engine: one worker, or one per rank where flags say how many there are and the id pins none.</summary>
    /// <returns>What is new, in order of ranks; empty when the engine exists already.</returns>
    public IReadOnlyList<Worker> AddEngine(EndpointId id, WorkerRole role)
    {
        if (id.Rank is null && RanksOf(id) is not [])
        {
            return [];
        }

        var given = sizes.Given(role);
        if (id.Rank is not null || given is null or 1)
        {
            var worker = Create(id, role, rankCount: 1, learned: false);
            worker.AwaitsRanks = id.Rank is null && given is null;
            return TryAdd(worker) ? [worker] : [];
        }

        return [.. Enumerable.Range(0, given.Value).Select(rank => Create(id.WithRank(rank), role, given.Value, learned: false)).Where(TryAdd)];
    }

    /// <summary>Puts the ranks of an engine in the place of the engine, once it told how many it has.</summary>
    public void Split(Worker engine, int ranks)
    {
        var workers = Enumerable.Range(0, ranks).Select(rank => Create(engine.Id.WithRank(rank), engine.Role, ranks, learned: false)).ToArray();
        foreach (var worker in workers)
        {
            // The engine was just found well, and each rank is that engine.
            worker.Models = engine.Models;
            worker.Draining = engine.Draining;
            worker.Health = WorkerHealth.Healthy;
        }

        if (!_registry.TryReplace(engine.Id, [.. workers.Select(worker => KeyValuePair.Create(worker.Id, worker))]))
        {
            return;
        }

        engine.MarkRemoved();
        foreach (var worker in workers)
        {
            Added?.Invoke(worker);
        }
    }

    /// <summary>The worker of an endpoint that the picker named; a new one is listed as learned and taken for healthy until a probe says otherwise.</summary>
    /// <remarks>Others that nobody named for long are forgotten then; when the list is full, those named longest ago.</remarks>
    public Worker Learn(EndpointId id, WorkerRole role)
    {
        var now = time.GetTimestamp();
        if (Current.TryGet(id, out var known))
        {
            known.NamedAt = now;
            return known;
        }

        Forget(now);
        var worker = Create(id, role, rankCount: 1, learned: true);
        worker.Health = WorkerHealth.Healthy;
        worker.NamedAt = now;
        if (Current.Count >= MaxWorkers || TryAdd(worker))
        {
            return worker;
        }

        // Another request was faster.
        return Current.TryGet(id, out known) ? known : worker;
    }

    /// <summary>The worker of an id; an id without rank stands for the engine, so for each of its ranks.</summary>
    public IReadOnlyList<Worker> Find(EndpointId id)
    {
        if (Current.TryGet(id, out var worker))
        {
            return [worker];
        }

        return id.Rank is null ? RanksOf(id) : [];
    }

    /// <returns>The removed worker, or null when there was none.</returns>
    public Worker? Remove(EndpointId id)
    {
        if (!_registry.TryRemove(id, out var worker))
        {
            return null;
        }

        worker.MarkRemoved();
        return worker;
    }

    private void Forget(long now)
    {
        var isFull = Current.Count >= MaxWorkers;
        if (!isFull && forgetAfter is null)
        {
            return;
        }

        List<Worker> forgotten = [];
        foreach (var worker in Current.Endpoints)
        {
            if (worker is { Learned: true, InFlight: 0 } && (isFull || time.GetElapsedTime(worker.NamedAt, now) >= forgetAfter))
            {
                forgotten.Add(worker);
            }
        }

        foreach (var worker in forgotten.OrderBy(worker => worker.NamedAt).Take(MostForgottenAtOnce))
        {
            _ = Remove(worker.Id);
        }
    }

    /// <summary>Removes the worker of an id, or each rank of an engine's.</summary>
    /// <returns>Whether there was any.</returns>
    public bool RemoveAll(EndpointId id)
    {
        var removed = false;
        foreach (var worker in Find(id))
        {
            removed |= Remove(worker.Id) is not null;
        }

        return removed;
    }

    /// <summary>Changes the breakers of all workers; what is open stays open.</summary>
    public void Reconfigure(BreakerOptions breaker)
    {
        _breaker = breaker;
        foreach (var worker in Current.Endpoints)
        {
            worker.Breaker.Options = breaker;
        }
    }

    private List<Worker> RanksOf(EndpointId engine)
    {
        var ranks = new List<Worker>();
        foreach (var worker in Current.Endpoints)
        {
            if (worker.Id.WithoutRank() == engine)
            {
                ranks.Add(worker);
            }
        }

        return ranks;
    }

    private Worker Create(EndpointId id, WorkerRole role, int rankCount, bool learned)
    {
        var name = id.ToString();
        return new(id, role, resolve(id), new CircuitBreaker(_breaker, time, (from, to) => metrics.BreakerMoved(name, from, to)))
        {
            RankCount = rankCount,
            Learned = learned,
        };
    }

    private bool TryAdd(Worker worker)
    {
        if (!_registry.TryAdd(worker.Id, worker))
        {
            return false;
        }

        Added?.Invoke(worker);
        return true;
    }
}
