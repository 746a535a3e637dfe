using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Gives each worker a small number, so that a set of workers is a few bits. Thread-safe; reading takes no lock.</summary>
/// <remarks>A worker that was removed keeps its number until <see cref="Release"/>: whoever filed something under it has to forget that first.</remarks>
internal sealed class WorkerSlots
{
    /// <summary>Numbers are below this: as many as the pool learns from a picker.</summary>
    public const int Max = 4096;

    private readonly Lock _writing = new();
    private volatile Dictionary<Worker, int> _slots = [];

    /// <summary>The workers that have a number, at this moment.</summary>
    public IReadOnlyDictionary<Worker, int> All => _slots;

    /// <summary>The worker's number, which it gets when it has none; -1 when there are too many workers.</summary>
    public int Of(Worker worker) => _slots.TryGetValue(worker, out var slot) ? slot : Add(worker);

    /// <summary>The number goes to the next worker that comes.</summary>
    public void Release(Worker worker)
    {
        lock (_writing)
        {
            var slots = new Dictionary<Worker, int>(_slots);
            _ = slots.Remove(worker);
            _slots = slots;
        }
    }

    private int Add(Worker worker)
    {
        lock (_writing)
        {
            if (_slots.TryGetValue(worker, out var slot))
            {
                return slot;
            }

            slot = FirstFree();
            if (slot < Max)
            {
                _slots = new Dictionary<Worker, int>(_slots) { [worker] = slot };
                return slot;
            }

            return -1;
        }
    }

    private int FirstFree()
    {
        var taken = new HashSet<int>(_slots.Values);
        var slot = 0;
        while (taken.Contains(slot))
        {
            slot++;
        }

        return slot;
    }
}
