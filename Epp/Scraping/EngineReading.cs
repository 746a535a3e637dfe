using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Epp.Scraping;

/// <summary>What one scrape of an engine said, by rank; -1 stands for what has no rank.</summary>
internal sealed record EngineReading(IReadOnlyDictionary<int, EngineLoad> Ranks, long At)
{
    /// <summary>How many data-parallel ranks it told apart; an engine that tells none has one.</summary>
    public int RankCount => Math.Max(1, Ranks.Keys.Count(rank => rank >= 0));

    /// <summary>The load of one rank, or of the whole engine: counts summed, KV usage averaged.</summary>
    public EngineLoad LoadOf(int? rank)
    {
        if (rank is { } one && (Ranks.TryGetValue(one, out var load) || Ranks.TryGetValue(-1, out load)))
        {
            return load;
        }

        var parts = rank is null ? [.. Ranks.Values] : Array.Empty<EngineLoad>();
        return parts.Length switch
        {
            0 => EngineLoad.Unknown with { ReadAt = At },
            1 => parts[0],
            _ => parts[^1] with
            {
                Waiting = parts.Sum(part => part.Waiting),
                Running = parts.Sum(part => part.Running),
                KvUsage = parts.Average(part => part.KvUsage),
                BlockSize = parts.Max(part => part.BlockSize),
                BlockCount = parts.Sum(part => part.BlockCount),
            },
        };
    }

    /// <summary>Whether another reading says the same, whenever it was.</summary>
    public bool SaysTheSameAs(EngineReading? other) =>
        other is not null
        && Ranks.Count == other.Ranks.Count
        && Ranks.All(rank => other.Ranks.TryGetValue(rank.Key, out var load)
            && (load.Waiting, load.Running, load.KvUsage) == (rank.Value.Waiting, rank.Value.Running, rank.Value.KvUsage));
}
