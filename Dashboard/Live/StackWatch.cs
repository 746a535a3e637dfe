using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Live;

/// <summary>Keeps the latest state, looking at the sources only while someone is interested. Thread-safe.</summary>
/// <remarks>
/// Everybody who watches shares one look per refresh. Whoever is slow misses states in between; nothing is queued for anyone.
/// </remarks>
internal sealed class StackWatch(
    DashboardTargets targets, StackReader reader, PageRenderer renderer, TimeProvider clock, ILogger<StackWatch> logger) : BackgroundService
{
    // Charts go on for a while after the last person left, so that coming back soon finds them whole.
    private static readonly TimeSpan s_linger = TimeSpan.FromMinutes(2);

    private readonly StackMemory _memory = new();
    private readonly SemaphoreSlim _oneLook = new(1, 1);
    private readonly Lock _lock = new();
    private readonly HashSet<object> _watchers = [];
    private TaskCompletionSource _interest = NewSignal();
    private TaskCompletionSource _next = NewSignal();
    private DateTimeOffset _lastInterest;
    private volatile WatchedState? _latest;

    /// <summary>Holds the looking going until disposed.</summary>
    public IDisposable Watch()
    {
        var watcher = new Watcher(this);
        lock (_lock)
        {
            _watchers.Add(watcher);
        }

        ShowInterest();
        return watcher;
    }

    public int WatcherCount
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>A state that is hardly older than this moment, from a look of its own if need be.</summary>
    public Task<WatchedState> FreshAsync(CancellationToken cancellation)
    {
        ShowInterest();
        return LookAsync(maxAge: targets.Refresh / 4, cancellation);
    }

    /// <summary>The first state that comes after <paramref name="seen"/>.</summary>
    public async Task<WatchedState> AfterAsync(WatchedState? seen, CancellationToken cancellation)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            if (_latest is { } latest && latest != seen)
            {
                return latest;
            }

            await next.Task.WaitAsync(cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first look gives later ones something to compare with.
        ShowInterest();
        while (!stoppingToken.IsCancellationRequested)
        {
            await UntilInterestAsync().WaitAsync(stoppingToken);
            try
            {
                await LookAsync(maxAge: TimeSpan.Zero, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.LookFailed(logger, e);
            }

            await Task.Delay(targets.Refresh, clock, stoppingToken);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _oneLook.Dispose();
    }

    private async Task<WatchedState> LookAsync(TimeSpan maxAge, CancellationToken cancellation)
    {
        await _oneLook.WaitAsync(cancellation);
        try
        {
            if (_latest is { } latest && clock.GetUtcNow() - latest.State.Time < maxAge)
            {
                return latest;
            }

            var state = _memory.Advance(await reader.ReadAsync(cancellation));
            var watched = new WatchedState(state, await renderer.RenderPartsAsync(state));
            _latest = watched;
            Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
            return watched;
        }
        finally
        {
            _oneLook.Release();
        }
    }

    private Task UntilInterestAsync()
    {
        lock (_lock)
        {
            if (_watchers.Count > 0 || clock.GetUtcNow() - _lastInterest < s_linger)
            {
                return Task.CompletedTask;
            }

            if (_interest.Task.IsCompleted)
            {
                _interest = NewSignal();
            }

            return _interest.Task;
        }
    }

    private void ShowInterest()
    {
        lock (_lock)
        {
            _lastInterest = clock.GetUtcNow();
            _interest.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watcher(StackWatch watch) : IDisposable
    {
        public void Dispose()
        {
            watch.ShowInterest();
            lock (watch._lock)
            {
                watch._watchers.Remove(this);
            }
        }
    }
}
