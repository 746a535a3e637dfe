namespace LlmdAspire.Dashboard.Live;

/// <summary>Whether anybody wants to know: someone watches, or looked a moment ago. Thread-safe.</summary>
internal sealed class Interest(TimeProvider clock)
{
    /// <summary>Charts go on for a while after the last person left, so that coming back soon finds them whole.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private TaskCompletionSource _shown = NewSignal();
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private int _watchers;

    public int Watchers
    {
        get
        {
            lock (_lock)
            {
                return _watchers;
            }
        }
    }

    /// <summary>Holds the interest up until disposed.</summary>
    public IDisposable Watch()
    {
        lock (_lock)
        {
            _watchers++;
        }

        Show();
        return new Watcher(this);
    }

    /// <summary>Somebody looked once.</summary>
    public void Show()
    {
        lock (_lock)
        {
            _last = clock.GetUtcNow();
            _shown.TrySetResult();
        }
    }

    /// <summary>Completes at once while there is interest, else as soon as there is.</summary>
    public Task UntilShownAsync()
    {
        lock (_lock)
        {
            if (_watchers > 0 || clock.GetUtcNow() - _last < Linger)
            {
                return Task.CompletedTask;
            }

            if (_shown.Task.IsCompleted)
            {
                _shown = NewSignal();
            }

            return _shown.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watcher(Interest interest) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
            {
                return;
            }

            lock (interest._lock)
            {
                interest._watchers--;
            }

            // Leaving is the last sign of interest, and what the wait begins with.
            interest.Show();
        }
    }
}
