using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;

namespace LlmdAspire.Scheduling.Requests;

/// <summary>One request on its way through the scheduler, with what producers found out about it. Used by one thread at a time.</summary>
public sealed class SchedulingContext(InferenceRequest request, EngineEndpoint[] candidates)
{
    private readonly List<(string Producer, PrefixMatches Matches)> _prefixes = new(capacity: 2);
    private readonly List<(object Owner, ulong[] Hashes)> _hashes = new(capacity: 1);

    public InferenceRequest Request { get; } = request;

    /// <summary>Every endpoint that may be chosen, before any filter.</summary>
    public ReadOnlySpan<EngineEndpoint> Candidates => candidates;

    /// <summary>Who holds how much of the prompt, by each producer that ran.</summary>
    public IReadOnlyList<(string Producer, PrefixMatches Matches)> Prefixes => _prefixes;

    /// <summary>What a producer found; null when it did not run or found nothing out.</summary>
    public PrefixMatches? PrefixesOf(string producer)
    {
        foreach (var (name, matches) in _prefixes)
        {
            if (name.Equals(producer, StringComparison.Ordinal))
            {
                return matches;
            }
        }

        return null;
    }

    public void SetPrefixes(string producer, PrefixMatches matches) => _prefixes.Add((producer, matches));

    /// <summary>Keeps what a producer has computed until it learns where the request went.</summary>
    internal void KeepHashes(object owner, ulong[] hashes) => _hashes.Add((owner, hashes));

    internal ulong[]? TakeHashes(object owner) => _hashes.Find(kept => ReferenceEquals(kept.Owner, owner)).Hashes;
}
