namespace LlmdAspire.EngineModel.Timing;

/// <summary>Arithmetic with times that may be given as long as a <see cref="TimeSpan"/> can be.</summary>
internal static class LongTime
{
    // So that two of them can still be added; thousands of years.
    private static readonly TimeSpan s_longest = TimeSpan.MaxValue / 4;

    /// <summary>A multiple of a time; the longest there is when it would be longer.</summary>
    public static TimeSpan Times(this TimeSpan time, double factor) =>
        time.Ticks * factor < s_longest.Ticks ? time * factor : s_longest;
}
