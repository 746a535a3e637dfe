namespace LlmdAspire.Simulator.Sleep;

/// <summary>Whether an engine sleeps and how deeply.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SleepState
{
    public const string Weights = "weights";
    public const string KvCache = "kv_cache";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _asleep = [];
    private object? _wish;
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

    /// <summary>Begins a sleep: until it is complete, a wake or another sleep may come in between.</summary>
    /// <param name="stop">Done before anybody else is heard.</param>
    /// <returns>What names this wish.</returns>
    public object Begin(Action stop)
    {
        lock (_lock)
        {
            _wish = new object();
            stop();
            return _wish;
        }
    }

    /// <summary>Whether nobody has woken the engine, or asked for another sleep, since.</summary>
    public bool IsWished(object wish)
    {
        lock (_lock)
        {
            return _wish == wish;
        }
    }

    /// <summary>The engine sleeps now, unless it is no longer wished.</summary>
    /// <param name="level">0 stops work alone, 1 also gives up the KV cache, 2 the weights too.</param>
    public void Complete(object wish, int level, Action fallAsleep)
    {
        lock (_lock)
        {
            if (_wish == wish)
            {
                fallAsleep();
                _level = level;
                _asleep.UnionWith([Weights, KvCache]);
            }
        }
    }

    /// <summary>Ends a wish that was not completed; where nothing slept before, work goes on.</summary>
    public void TakeBack(object wish, Action resume)
    {
        lock (_lock)
        {
            if (_wish == wish && _asleep.Count == 0)
            {
                _wish = null;
                resume();
            }
        }
    }

    /// <summary>Wakes some parts, or all where none is named; work goes on when nothing sleeps any more.</summary>
    public void Wake(IReadOnlyCollection<string> parts, Action resume)
    {
        lock (_lock)
        {
            _asleep.ExceptWith(parts.Count == 0 ? [Weights, KvCache] : parts);
            if (_asleep.Count == 0)
            {
                _wish = null;
                resume();
            }
        }
    }
}
