using LlmdAspire.EngineModel.Blocks;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.EngineModel.Scheduling;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.EngineModel.Transfer;

namespace LlmdAspire.EngineModel;

/// <summary>An inference engine as a model: sequences wait for a place in the batch, are prefilled, then give a token each step.</summary>
/// <remarks>
/// Thread-safe. One timer serves everything. When it fires late, all steps that were due in the meantime are made with the times they were
/// due, and whoever submits, ends or changes something in between finds the engine as it was at that moment: rates and metrics follow the model and not the machine's
/// scheduling. Load, metrics and adapters are read as they stand, without going forward: they are as late as the timer is. With a manual <see cref="TimeProvider"/> a run is exactly repeatable.
/// </remarks>
public sealed partial class Engine : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly EngineOptions _options;
    private readonly EngineMetrics _metrics;
    private readonly IKvCacheObserver? _observer;
    private readonly BlockManager _blocks;
    private readonly LeaseTable _leases = new();
    private readonly Random _random;

    // Where a sequence is: waiting -> (copying -> copied ->) running, and back to the front of waiting when it loses its place.
    private readonly LinkedList<Sequence> _waiting = new();
    private readonly LinkedList<Sequence> _copying = new();
    private readonly LinkedList<Sequence> _copied = new();
    private readonly LinkedList<Sequence> _running = new();

    private readonly DueQueue _due = new();
    private readonly List<Generation> _touched = [];
    private volatile ITimingModel _timing;
    private long _timerAt = long.MaxValue;
    private bool _closed;

    /// <param name="observer">Follows the prefix cache; null for nobody.</param>
    public Engine(EngineOptions options, ITimingModel timing, TimeProvider time, IKvCacheObserver? observer = null)
    {
        _options = options;
        _timing = timing;
        _time = time;
        _observer = observer;
        _random = new Random(options.Seed);
        _metrics = new EngineMetrics(options.MaxModelLength);
        _blocks = new BlockManager(options.Blocks, observer);
        _timer = time.CreateTimer(static engine => ((Engine)engine!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long steps take; a change takes effect with the next step.</summary>
    public ITimingModel Timing
    {
        get => _timing;
        set => Change(_ =>
        {
            _timing = value;
            FindIdle();
            return true;
        });
    }

    public EngineLoad Load
    {
        get
        {
            lock (_lock)
            {
                return CurrentLoad;
            }
        }
    }

    /// <summary>For tests, which look at it while nothing runs.</summary>
    internal BlockManager Blocks => _blocks;

    private EngineLoad CurrentLoad => new(_running.Count, _waiting.Count + _copying.Count + _copied.Count, _blocks.Used, _blocks.Total);

    /// <summary>Reads load and metrics of one moment; <paramref name="read"/> is called under the engine's lock and must be quick.</summary>
    public T Read<T>(Func<EngineLoad, EngineMetrics, T> read)
    {
        lock (_lock)
        {
            return read(CurrentLoad, _metrics);
        }
    }

    /// <summary>Queues the sequences of one request.</summary>
    /// <param name="arrived">Timestamp of the request's arrival, from which its intake and its metrics count; null for now.</param>
    /// <exception cref="ObjectDisposedException">The engine is closed.</exception>
    public Generation Submit(IReadOnlyList<SequenceRequest> requests, long? arrived = null)
    {
        var generation = new Generation();
        var since = arrived ?? _time.GetTimestamp();
        generation.Sequences = [.. requests.Select(request => new Sequence(request, generation, since, _options.BlockSize))];

        // Hashing a long prompt takes a while, so it comes before the lock.
        HashPrompts(generation.Sequences);
        return Change(_ =>
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            TakeIn(generation.Sequences, since);
            return generation;
        });
    }

    /// <summary>Ends what is left of a request, because its client has gone. Does nothing for one that has finished.</summary>
    public void Abort(Generation generation)
    {
        _ = Change(now =>
        {
            foreach (var sequence in generation.Sequences.Where(sequence => !sequence.IsFinished))
            {
                sequence.End(FinishReason.Abort);
                Retire(sequence, FinishReason.Abort, now);
            }

            return true;
        });
        generation.Signal();
    }

    /// <summary>Forgets every cached prefix; refused while blocks are in use.</summary>
    /// <param name="interruptRunning">Whether running sequences lose their place first and begin again; blocks kept for or copied from other engines stay in use (see <see cref="Interrupt"/>).</param>
    /// <returns>Whether it was done.</returns>
    public bool ResetPrefixCache(bool interruptRunning = false) => Change(_ =>
    {
        while (interruptRunning && _running.Last is { Value: var sequence })
        {
            Preempt(sequence);
        }

        return _blocks.TryReset();
    });

    /// <summary>Stops the engine's clock, aborts what it still holds and forgets what it keeps for others.</summary>
    public void Dispose()
    {
        List<Generation> open;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            open = Open();
            ReleaseLeases();
        }

        _timer.Dispose();
        open.ForEach(Abort);
    }

    /// <summary>The requests that run or wait.</summary>
    private List<Generation> Open() => [.. _waiting.Concat(_copying).Concat(_copied).Concat(_running).Select(sequence => sequence.Owner).Distinct()];

    private void ReleaseLeases()
    {
        while (_leases.Count > 0)
        {
            _blocks.Release(_leases.TakeFirst());
        }
    }

    private void HashPrompts(IReadOnlyList<Sequence> sequences)
    {
        if (_options.PrefixHasher is not { } hasher)
        {
            return;
        }

        Sequence? before = null;
        foreach (var sequence in sequences)
        {
            var full = sequence.Prompt.Count / _options.BlockSize;
            sequence.Chain = new BlockHashChain(hasher, sequence);
            if (before is not null && ReferenceEquals(before.Prompt, sequence.Prompt) && (before.LoraName, before.CacheSalt) == (sequence.LoraName, sequence.CacheSalt))
            {
                // Several choices of one prompt.
                sequence.Chain.TakeFrom(before.Chain!, full);
            }

            _ = sequence.Chain.First(full);
            before = sequence;
        }
    }

    /// <summary>A point in time after another; the last there is when that is beyond all others.</summary>
    private static long Later(long at, long ticks) => at > long.MaxValue - ticks ? long.MaxValue : at + ticks;

    private int BlocksFor(int tokens) => (tokens + _options.BlockSize - 1) / _options.BlockSize;

    private long Ticks(TimeSpan modelTime) => (long)Math.Round(modelTime.TotalSeconds / _options.TimeScale * _time.TimestampFrequency);

    private long RealTicks(TimeSpan time) => (long)Math.Round(time.TotalSeconds * _time.TimestampFrequency);

    private double Seconds(long from, long to) => (double)(to - from) / _time.TimestampFrequency;
}
