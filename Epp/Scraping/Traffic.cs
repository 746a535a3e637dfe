namespace LlmdAspire.Epp.Scraping;

/// <summary>Whether requests flow, and a bell for whoever slowed down while none did. Thread-safe.</summary>
internal sealed class Traffic(TimeProvider clock)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    private long _last = long.MinValue;
    private TaskCompletionSource _bell = NewBell();

    public bool IsBusy => Volatile.Read(ref _last) is var last && last != long.MinValue && clock.GetElapsedTime(last) < s_quiet;

    /// <summary>Completes with the first request after a quiet time.</summary>
    public Task Bell => Volatile.Read(ref _bell).Task;

    /// <summary>A request came.</summary>
    public void Note()
    {
        var wasBusy = IsBusy;
        Volatile.Write(ref _last, clock.GetTimestamp());
        if (!wasBusy)
        {
            Interlocked.Exchange(ref _bell, NewBell()).TrySetResult();
        }
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
