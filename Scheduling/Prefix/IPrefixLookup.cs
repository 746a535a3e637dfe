using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>Asks an index that knows from the engines themselves who holds what.</summary>
public interface IPrefixLookup
{
    /// <summary>Looks a prompt up within a deadline of its own. Never throws but for cancellation.</summary>
    ValueTask<PrefixLookupResult> FindAsync(SchedulingContext context, CancellationToken cancellationToken);

    /// <summary>Told for each pick that had to do without.</summary>
    void FellBack(string reason);
}

/// <summary>The index's answer, or in one word why there is none.</summary>
public readonly record struct PrefixLookupResult(PrefixMatches? Matches, string? Failure);
