namespace LlmdAspire.Router.Admission;

/// <summary>Numbers of an <see cref="AdmissionGate"/>.</summary>
/// <param name="Capacity">Tokens in the bucket.</param>
/// <param name="TokensPerSecond">Refill by time.</param>
/// <param name="QueueSize">Requests that may wait; 0 refuses at once.</param>
/// <param name="QueueTimeout">How long one may wait.</param>
internal sealed record AdmissionOptions(int Capacity, double TokensPerSecond, int QueueSize, TimeSpan QueueTimeout);

/// <summary>How an entry ended.</summary>
internal enum AdmissionResult
{
    Admitted,
    QueueFull,
    TimedOut,
}

/// <summary>Lets requests in as fast as a token bucket allows and lets a bounded number wait, first come first served.</summary>
/// <remarks>Every request takes one token and gives it back when it ends; tokens also come back with time. Thread-safe.</remarks>
internal sealed class AdmissionGate : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _queue = new();
    private AdmissionOptions _options;
    private readonly TimeProvider _time;
    private readonly TokenBucket _bucket;
    private readonly ITimer _refill;

    public AdmissionGate(AdmissionOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _bucket = new TokenBucket(options.Capacity, options.TokensPerSecond, time);
        _refill = time.CreateTimer(_ => ReleaseWaiters(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests waiting now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Takes a token, waiting for one if the queue has room.</summary>
    public ValueTask<AdmissionResult> EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> node;
        TimeSpan patience;
        lock (_lock)
        {
            if (_queue.Count == 0 && _bucket.TryTake())
            {
                return new(AdmissionResult.Admitted);
            }

            if (_queue.Count >= _options.QueueSize)
            {
                return new(AdmissionResult.QueueFull);
            }

            node = _queue.AddLast(new Waiter());
            patience = _options.QueueTimeout;
            ScheduleRefill();
        }

        return new(WaitAsync(node, patience, cancellationToken));
    }

    /// <summary>Gives the token back; every admitted request calls it once.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _bucket.GiveBack();
            if (_queue.Count == 0)
            {
                return;
            }
        }

        ReleaseWaiters();
    }

    /// <summary>Seconds a refused client should wait, at least one.</summary>
    public int RetryAfterSeconds()
    {
        lock (_lock)
        {
            return Math.Max(1, (int)Math.Ceiling(_bucket.UntilNext().TotalSeconds));
        }
    }

    /// <summary>Changes the numbers; requests that wait keep their time limit and their place.</summary>
    public void Reconfigure(AdmissionOptions options)
    {
        lock (_lock)
        {
            _options = options;
            _bucket.Resize(options.Capacity, options.TokensPerSecond);
        }

        ReleaseWaiters();
    }

    public void Dispose() => _refill.Dispose();

    private async Task<AdmissionResult> WaitAsync(LinkedListNode<Waiter> node, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(patience, _time);
        using var onTimeout = timeout.Token.UnsafeRegister(_ => GiveUp(node, AdmissionResult.TimedOut), null);
        using var onCancel = cancellationToken.UnsafeRegister(_ => GiveUp(node, null), null);
        return await node.Value.Task;
    }

    private void GiveUp(LinkedListNode<Waiter> node, AdmissionResult? result)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return;
            }

            _queue.Remove(node);
        }

        _ = result is { } known ? node.Value.TrySetResult(known) : node.Value.TrySetCanceled();
    }

    private void ReleaseWaiters()
    {
        lock (_lock)
        {
            while (_queue.First is { } first && _bucket.TryTake())
            {
                _queue.RemoveFirst();
                _ = first.Value.TrySetResult(AdmissionResult.Admitted);
            }

            ScheduleRefill();
        }
    }

    // Finished requests release waiters by themselves; the timer is for tokens that only time brings.
    private void ScheduleRefill()
    {
        if (_queue.Count > 0)
        {
            var wait = _bucket.UntilNext();
            _ = _refill.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Waiter() : TaskCompletionSource<AdmissionResult>(TaskCreationOptions.RunContinuationsAsynchronously);
}
