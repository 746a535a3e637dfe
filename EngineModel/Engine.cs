using LlmdAspire.EngineModel.Metrics;

namespace LlmdAspire.EngineModel;

/// <summary>An inference engine as a model: sequences wait for a place in the batch, are prefilled, then give a token each step.</summary>
/// <remarks>
/// Thread-safe. One timer serves all sequences. When it fires late, every token that was due in the meantime comes out at once with the
/// time it was due, so rates and metrics follow the model and not the machine's scheduling. With a manual <see cref="TimeProvider"/> a
/// run is exactly repeatable.
/// </remarks>
public sealed class Engine : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly EngineOptions _options;
    private readonly EngineMetrics _metrics;
    private readonly LinkedList<Sequence> _waiting = new();
    private readonly DueQueue _due = new();
    private readonly List<Generation> _touched = [];
    private volatile Latencies _latencies;
    private long _timerAt = long.MaxValue;
    private int _running;
    private int _usedBlocks;
    private int _reservedBlocks;
    private bool _closed;

    public Engine(EngineOptions options, Latencies latencies, TimeProvider time)
    {
        _options = options;
        _latencies = latencies;
        _time = time;
        _metrics = new EngineMetrics(options.MaxModelLength);
        _timer = time.CreateTimer(static engine => ((Engine)engine!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Step times; a change takes effect with each sequence's next step.</summary>
    public Latencies Latencies
    {
        get => _latencies;
        set => _latencies = value;
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

    private EngineLoad CurrentLoad => new(_running, _waiting.Count, _usedBlocks, _options.Blocks);

    /// <summary>Reads load and metrics of one moment; <paramref name="read"/> is called under the engine's lock and must be quick.</summary>
    public T Read<T>(Func<EngineLoad, EngineMetrics, T> read)
    {
        lock (_lock)
        {
            return read(CurrentLoad, _metrics);
        }
    }

    /// <summary>Queues the sequences of one request.</summary>
    /// <exception cref="ObjectDisposedException">The engine is closed.</exception>
    public Generation Submit(IReadOnlyList<SequenceRequest> requests)
    {
        var generation = new Generation();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var now = _time.GetTimestamp();
            generation.Sequences = [.. requests.Select(request => new Sequence(request, generation, now))];
            foreach (var sequence in generation.Sequences)
            {
                _ = _waiting.AddLast(sequence);
            }

            Admit(now);
            SetTimer();
        }

        return generation;
    }

    /// <summary>Ends what is left of a request, because its client has gone. Does nothing for one that has finished.</summary>
    public void Abort(Generation generation)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var sequence in generation.Sequences.Where(sequence => !sequence.IsFinished))
            {
                sequence.End(FinishReason.Abort);
                Retire(sequence, FinishReason.Abort, now);
            }

            Admit(now);
            SetTimer();
        }

        generation.Signal();
    }

    /// <summary>Stops the engine's clock and aborts what it still holds.</summary>
    public void Dispose()
    {
        List<Generation> open = [];
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            open.AddRange(_waiting.Select(sequence => sequence.Owner));
            while (_due.TryPeek(out _))
            {
                open.Add(_due.Dequeue().Owner);
            }
        }

        _timer.Dispose();
        open.ForEach(Abort);
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _timerAt = long.MaxValue;
            var now = _time.GetTimestamp();
            while (_due.TryPeek(out var at) && at <= now)
            {
                var sequence = _due.Dequeue();
                if (!sequence.IsFinished)
                {
                    Step(sequence, at);
                }
            }

            foreach (var generation in _touched)
            {
                generation.IsTouched = false;
                generation.Signal();
            }

            _touched.Clear();
            SetTimer();
        }
    }

    private void Step(Sequence sequence, long at)
    {
        var hadTokens = sequence.Count;
        var finish = sequence.Generate();
        if (hadTokens == 0)
        {
            PrefillDone(sequence, at);
        }

        if (sequence.Count > hadTokens)
        {
            _metrics.GenerationTokens++;
            if (hadTokens > 0)
            {
                _metrics.InterTokenLatency.Observe(Seconds(sequence.LastToken, at));
            }

            sequence.LastToken = at;
            UseBlocks(sequence, sequence.Prompt.Count + sequence.Count);
        }

        if (!sequence.Owner.IsTouched)
        {
            sequence.Owner.IsTouched = true;
            _touched.Add(sequence.Owner);
        }

        if (finish == FinishReason.None)
        {
            _due.Enqueue(sequence, at + Ticks(_latencies.InterTokenLatency));
            return;
        }

        Retire(sequence, finish, at);
        Admit(at);
    }

    private void PrefillDone(Sequence sequence, long at)
    {
        sequence.FirstToken = at;
        sequence.LastToken = at;
        _metrics.PromptTokens += sequence.Prompt.Count;
        _metrics.TimeToFirstToken.Observe(Seconds(sequence.Arrived, at));
    }

    /// <summary>Gives free places in the batch to those who wait longest.</summary>
    private void Admit(long at)
    {
        while (_running < _options.MaxSequences && _waiting.First is { Value: var sequence })
        {
            // A place is kept for every token that may come, so nothing has to be thrown out later. What does not fit in an empty cache runs alone.
            var blocks = BlocksFor(sequence.Prompt.Count + sequence.Planned);
            if (_running > 0 && _reservedBlocks + blocks > _options.Blocks)
            {
                return;
            }

            _waiting.RemoveFirst();
            _running++;
            _reservedBlocks += blocks;
            sequence.ReservedBlocks = blocks;
            sequence.IsRunning = true;
            sequence.Scheduled = at;
            UseBlocks(sequence, sequence.Prompt.Count);
            _due.Enqueue(sequence, at + Ticks(_latencies.Prefill(sequence.Prompt.Count)));
        }
    }

    private void Retire(Sequence sequence, FinishReason reason, long at)
    {
        _metrics.CountFinished(reason);
        if (sequence.IsRunning)
        {
            sequence.IsRunning = false;
            _running--;
            _reservedBlocks -= sequence.ReservedBlocks;
            _usedBlocks -= sequence.UsedBlocks;
        }
        else
        {
            _ = _waiting.Remove(sequence);
        }

        // As in vLLM, the histograms describe requests that ran to their end.
        if (reason != FinishReason.Abort)
        {
            ObserveFinished(sequence, at);
        }
    }

    private void ObserveFinished(Sequence sequence, long at)
    {
        var decode = Seconds(sequence.FirstToken, sequence.LastToken);
        _metrics.EndToEnd.Observe(Seconds(sequence.Arrived, at));
        _metrics.Queue.Observe(Seconds(sequence.Arrived, sequence.Scheduled));
        _metrics.Inference.Observe(Seconds(sequence.Scheduled, at));
        _metrics.Prefill.Observe(Seconds(sequence.Scheduled, sequence.FirstToken));
        _metrics.Decode.Observe(decode);
        _metrics.TimePerOutputToken.Observe(sequence.Count > 1 ? decode / (sequence.Count - 1) : 0);
        _metrics.PromptLength.Observe(sequence.Prompt.Count);
        _metrics.GenerationLength.Observe(sequence.Count);
        _metrics.MaxTokensAsked.Observe(sequence.MaxTokens);
    }

    private void UseBlocks(Sequence sequence, int tokens)
    {
        var blocks = Math.Min(BlocksFor(tokens), _options.Blocks);
        _usedBlocks += blocks - sequence.UsedBlocks;
        sequence.UsedBlocks = blocks;
    }

    private int BlocksFor(int tokens) => (tokens + _options.BlockSize - 1) / _options.BlockSize;

    private void SetTimer()
    {
        if (_closed || !_due.TryPeek(out var at) || at >= _timerAt)
        {
            return;
        }

        // Timers count whole milliseconds and cut off the rest: rounding up avoids firing early again and again.
        var wait = Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), at).TotalMilliseconds);
        _timerAt = at;
        _ = _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
    }

    private long Ticks(TimeSpan modelTime) => (long)Math.Round(modelTime.TotalSeconds / _options.TimeScale * _time.TimestampFrequency);

    private double Seconds(long from, long to) => (double)(to - from) / _time.TimestampFrequency;
}
