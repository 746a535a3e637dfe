namespace LlmdAspire.Router.Forwarding;

/// <summary>How often and how fast a failed attempt is repeated.</summary>
internal sealed record RetryOptions
{
    /// <summary>Attempts in all, the first included.</summary>
    public int MaxAttempts { get; init; } = 5;

    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    public double Multiplier { get; init; } = 1.5;

    /// <summary>Part of the wait by which it may be longer or shorter.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Whether an engine's answer says "not now" rather than "no".</summary>
    public static bool IsRetryable(int status) => status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>The wait after a failed attempt.</summary>
    /// <param name="attempt">1 after the first attempt.</param>
    /// <param name="random">From 0 to 1; decides the jitter.</param>
    public TimeSpan BackoffAfter(int attempt, double random)
    {
        var wait = InitialBackoff.TotalMilliseconds * Math.Pow(Multiplier, attempt - 1);
        var capped = Math.Min(wait, MaxBackoff.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Max(0, capped * (1 + (Jitter * ((2 * random) - 1)))));
    }
}
