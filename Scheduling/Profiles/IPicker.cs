namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Chooses among scored candidates.</summary>
/// <remarks>Called on the request path: no I/O, no allocation. Shared by all requests, so it must be thread-safe as far as its random source is.</remarks>
public interface IPicker
{
    /// <summary>How many endpoints it names at most: the first is meant, the others are for retries.</summary>
    int MaxPicks { get; }

    /// <summary>Writes the indexes of the chosen candidates, best first, and returns how many; at least one when there are candidates.</summary>
    int Pick(ReadOnlySpan<double> totals, Span<int> picks);
}
