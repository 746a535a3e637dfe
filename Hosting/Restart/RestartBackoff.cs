namespace Aspire.Hosting;

/// <summary>How long to wait before a crashed resource is started again: doubling from half a second to half a minute.</summary>
/// <remarks>Not thread-safe; one per resource.</remarks>
internal sealed class RestartBackoff(TimeProvider time)
{
    // Long enough that an engine which dies while it loads its model does not look healthy in between.
    private static readonly TimeSpan s_steady = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = s_first;
    private long _started = time.GetTimestamp();

    /// <summary>Says that the resource runs now.</summary>
    public void Started() => _started = time.GetTimestamp();

    /// <summary>The delay before the next start; short again once the resource had run for a minute.</summary>
    public TimeSpan NextDelay()
    {
        if (time.GetElapsedTime(_started) >= s_steady)
        {
            _next = s_first;
        }

        var delay = _next;
        _next = delay * 2 < s_longest ? delay * 2 : s_longest;
        return delay;
    }
}
