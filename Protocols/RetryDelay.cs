namespace LlmdAspire.Protocols;

/// <summary>How long to wait before trying again: doubling from the minimum to the maximum, half of it random so that a fleet does not knock in step.</summary>
internal static class RetryDelay
{
    /// <param name="failures">Attempts that failed in a row, from 0.</param>
    /// <param name="minimum">Longest first wait.</param>
    /// <param name="maximum">Ceiling.</param>
    /// <param name="jitter">A number from 0 up to 1.</param>
    public static TimeSpan After(int failures, TimeSpan minimum, TimeSpan maximum, double jitter)
    {
        // 2^30 times any sensible minimum is beyond any sensible maximum; more would overflow.
        var whole = Math.Min(minimum.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)), maximum.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(whole / 2 * (1 + jitter));
    }
}
