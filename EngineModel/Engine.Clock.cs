namespace LlmdAspire.EngineModel;

/// <summary>How the engine follows the clock.</summary>
public sealed partial class Engine
{
    // What one firing of the timer does before it lets others have the lock: a few milliseconds of work, far more than is ever due unless a high time scale asks too much of the machine.
    private const int TokensAtOnce = 16384;

    // The longest wait of the timer, some weeks; it fires then, finds nothing due and waits on.
    private const double LongestWait = int.MaxValue;

    private void Tick()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _timerAt = long.MaxValue;
            AdvanceTo(_time.GetTimestamp(), TokensAtOnce);
            Announce();
        }
    }

    /// <summary>Makes a change from outside at the engine's present, after everything that was due before it.</summary>
    private T Change<T>(Func<long, T> change)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (!_closed)
            {
                AdvanceTo(now, int.MaxValue);
            }

            var result = change(now);
            Schedule(now);
            Announce();
            return result;
        }
    }

    /// <summary>Does what was due until <paramref name="now"/>, or until it has come to about <paramref name="tokens"/> tokens.</summary>
    private void AdvanceTo(long now, int tokens)
    {
        while (tokens > 0 && NextDue is var at && at <= now)
        {
            ExpireLeases(at);
            while (_due.Next <= at)
            {
                var step = _due.Dequeue();
                tokens -= step.Parts.Count;
                Complete(step, at);
            }

            Schedule(at);

            // A late timer makes several steps at once; whoever follows the cache still hears of one at a time.
            _observer?.StepEnded();
        }
    }

    private long NextDue => Math.Min(Math.Min(_due.Next, _leases.NextEnd), _nextArrival);

    /// <summary>Tells everybody what has changed and sets the timer for what comes next.</summary>
    private void Announce()
    {
        _observer?.StepEnded();
        foreach (var generation in _touched)
        {
            generation.IsTouched = false;
            generation.Signal();
        }

        _touched.Clear();
        var at = NextDue;
        if (_closed || at >= _timerAt)
        {
            return;
        }

        // Timers count whole milliseconds and cut off the rest: rounding up avoids firing early again and again.
        var wait = Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), at).TotalMilliseconds);
        _timerAt = at;
        _ = _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, LongestWait)), Timeout.InfiniteTimeSpan);
    }
}
