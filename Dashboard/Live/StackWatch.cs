using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Live;

/// <summary>Keeps the latest state, looking at the sources only while there is interest. Thread-safe.</summary>
/// <remarks>
/// Everybody who watches shares one look per refresh. Whoever is slow misses states in between; nothing is queued for anyone.
/// </remarks>
internal sealed class StackWatch(
    DashboardTargets targets, Interest interest, StackReader reader, PageRenderer renderer, TimeProvider clock, ILogger<StackWatch> logger)
    : BackgroundService
{
    private readonly StackMemory _memory = new();
    private readonly SemaphoreSlim _oneLook = new(1, 1);
    private TaskCompletionSource _next = NewSignal();
    private volatile WatchedState? _latest;

    /// <summary>A state that is hardly older than this moment, from a look of its own if need be.</summary>
    public Task<WatchedState> FreshAsync(CancellationToken cancellation)
    {
        interest.Show();
        return LookAsync(maxAge: targets.Refresh / 4, cancellation);
    }

    /// <summary>The first state that comes after <paramref name="seen"/>.</summary>
    public async Task<WatchedState> AfterAsync(WatchedState? seen, CancellationToken cancellation)
    {
        while (true)
        {
            // Taken before the state is read, so that a state that comes in between is not waited for.
            var next = Volatile.Read(ref _next);
            if (_latest is { } latest && latest != seen)
            {
                return latest;
            }

            await next.Task.WaitAsync(cancellation);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _oneLook.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first look gives later ones something to compare with.
        interest.Show();
        while (!stoppingToken.IsCancellationRequested)
        {
            await interest.UntilShownAsync().WaitAsync(stoppingToken);
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
