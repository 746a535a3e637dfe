namespace LlmdAspire.Simulator.Sleep;

/// <summary>Whether an engine sleeps and how deeply.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SleepState
{
    public const string Weights = "weights";
    public const string KvCache = "kv_cache";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _asleep = [];
    private int _level;

    public bool IsSleeping
    {
        get
        {
            lock (_lock)
            {
                return _asleep.Count > 0;
            }
        }
    }

    /// <summary>vLLM's name of the state, as its metric tells it.</summary>
    public string Name
    {
        get
        {
            lock (_lock)
            {
                return _asleep.Count == 0 || _level == 0 ? "awake" : _level == 1 ? "weights_offloaded" : "discard_all";
            }
        }
    }

    /// <param name="level">0 stops work alone, 1 also gives up the KV cache, 2 the weights too.</param>
    public void Sleep(int level)
    {
        lock (_lock)
        {
            _level = level;
            _asleep.UnionWith([Weights, KvCache]);
        }
    }

    /// <summary>Wakes some parts, or all where none is named; true when nothing sleeps any more.</summary>
    public bool Wake(IReadOnlyCollection<string> parts)
    {
        lock (_lock)
        {
            _asleep.ExceptWith(parts.Count == 0 ? [Weights, KvCache] : parts);
            return _asleep.Count == 0;
        }
    }
}
