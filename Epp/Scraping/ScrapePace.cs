namespace LlmdAspire.Epp.Scraping;

/// <summary>How long to wait until an engine is asked again. Pure.</summary>
/// <param name="Shortest">The pace while an engine's numbers change: <c>--refresh-metrics-interval</c>.</param>
/// <param name="Staleness">Numbers older than this say nothing: <c>--metrics-staleness-threshold</c>.</param>
internal sealed record ScrapePace(TimeSpan Shortest, TimeSpan Staleness)
{
    /// <summary>Without requests nobody reads the numbers; this is only how soon a dead engine is noticed.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(1);

    /// <param name="last">The wait before the scrape that just ended.</param>
    /// <param name="changed">Whether it said something new.</param>
    /// <param name="busy">Whether requests flow.</param>
    /// <param name="failures">Scrapes in a row that failed.</param>
    public TimeSpan Next(TimeSpan last, bool changed, bool busy, int failures)
    {
        if (failures > 0)
        {
            // The first failure is looked into at once, then the engine is given time to come back.
            return failures == 1 ? Shortest : Max(Shortest, s_away);
        }

        if (changed)
        {
            return Shortest;
        }

        // Half the threshold, so that one slow scrape does not make the numbers stale.
        var limit = busy ? Max(Shortest, Staleness / 2) : Max(Shortest, s_longest);
        var doubled = Max(Shortest, last * 2);
        return doubled < limit ? doubled : limit;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
