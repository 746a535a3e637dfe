namespace LlmdAspire.Router.Workers;

/// <summary>Numbers of a <see cref="CircuitBreaker"/>.</summary>
/// <param name="FailureThreshold">Failures in a row that open it.</param>
/// <param name="SuccessThreshold">Successes that close it again once it is half open.</param>
/// <param name="OpenFor">How long it stays open before one more try.</param>
internal sealed record BreakerOptions(int FailureThreshold, int SuccessThreshold, TimeSpan OpenFor);

/// <summary>State of a breaker; the numbers are what <c>vllm_router_cb_state</c> shows.</summary>
internal enum BreakerState
{
    Closed = 0,
    Open = 1,
    HalfOpen = 2,
}

/// <summary>Keeps requests from a worker that keeps failing them.</summary>
/// <remarks>
/// Closed lets everything pass, open nothing; after <see cref="BreakerOptions.OpenFor"/> it is half open: requests pass again, enough successes
/// close it, one failure opens it anew. Thread-safe; the closed and healthy case takes no lock.
/// </remarks>
internal sealed class CircuitBreaker(BreakerOptions firstOptions, TimeProvider time, Action<BreakerState, BreakerState>? onTransition = null)
{
    private readonly Lock _lock = new();
    private volatile BreakerOptions _options = firstOptions;
    private volatile BreakerState _state;
    private volatile int _failures;
    private int _successes;
    private long _openedAt;

    public BreakerOptions Options
    {
        set => _options = value;
    }

    /// <summary>The state now; an open breaker turns half open by time alone.</summary>
    public BreakerState State
    {
        get
        {
            if (_state == BreakerState.Open)
            {
                lock (_lock)
                {
                    if (_state == BreakerState.Open && time.GetElapsedTime(_openedAt) >= _options.OpenFor)
                    {
                        MoveTo(BreakerState.HalfOpen);
                    }
                }
            }

            return _state;
        }
    }

    public bool LetsPass => State != BreakerState.Open;

    public void RecordSuccess()
    {
        if (_state == BreakerState.Closed && _failures == 0)
        {
            return;
        }

        lock (_lock)
        {
            _failures = 0;
            if (_state == BreakerState.HalfOpen && ++_successes >= _options.SuccessThreshold)
            {
                MoveTo(BreakerState.Closed);
            }
        }
    }

    public void RecordFailure()
    {
        lock (_lock)
        {
            _failures++;
            if (_state == BreakerState.HalfOpen || (_state == BreakerState.Closed && _failures >= _options.FailureThreshold))
            {
                MoveTo(BreakerState.Open);
            }
        }
    }

    /// <summary>Tells an open breaker that the worker was seen healthy after an absence, so that it need not wait out its time.</summary>
    public void WorkerCameBack()
    {
        lock (_lock)
        {
            if (_state == BreakerState.Open)
            {
                MoveTo(BreakerState.HalfOpen);
            }
        }
    }

    private void MoveTo(BreakerState next)
    {
        var before = _state;
        _state = next;
        _failures = 0;
        _successes = 0;
        _openedAt = time.GetTimestamp();
        onTransition?.Invoke(before, next);
    }
}
