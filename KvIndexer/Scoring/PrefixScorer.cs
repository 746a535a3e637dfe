using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Scoring;

/// <summary>Turns tokens into block keys and block keys into scores per endpoint. Thread-safe; takes no lock.</summary>
internal sealed class PrefixScorer(IBlockIndex index, EndpointCatalog catalog, BlockKeys keys, TierWeights weights, IndexerMetrics metrics, TimeProvider clock)
{
    // As many as lookups run at a time: a handful.
    private readonly ConcurrentBag<PrefixMatches> _free = [];

    /// <summary>Scores of the endpoints that hold the beginning of a prompt, longest first.</summary>
    /// <param name="modelOrAdapter">The adapter's name where there is one.</param>
    /// <param name="only">Endpoints asked about; null for all.</param>
    public List<PrefixScore> Score(string modelOrAdapter, string? cacheSalt, ReadOnlySpan<int> tokens, List<EndpointId>? only)
    {
        var began = clock.GetTimestamp();
        var chain = ArrayPool<ulong>.Shared.Rent(Math.Max(1, keys.CountBlocks(tokens.Length)));
        var matches = _free.TryTake(out var used) ? used : new PrefixMatches();
        try
        {
            var count = Chain(modelOrAdapter, cacheSalt, tokens, chain);
            index.Lookup(chain.AsSpan(0, count), matches);
            metrics.LookedUp(clock.GetElapsedTime(began), matches.Endpoints.Count > 0);
            return ToScores(matches, only);
        }
        finally
        {
            _free.Add(matches);
            ArrayPool<ulong>.Shared.Return(chain);
        }
    }

    /// <summary>The block keys of a prompt.</summary>
    /// <returns>How many were written.</returns>
    public int Chain(string modelOrAdapter, string? cacheSalt, ReadOnlySpan<int> tokens, Span<ulong> chain)
    {
        var root = keys.Root(modelOrAdapter);
        return string.IsNullOrEmpty(cacheSalt)
            ? keys.Compute(root, tokens, chain)
            : keys.Compute(root, tokens, [], Encoding.UTF8.GetBytes(cacheSalt), chain);
    }

    private List<PrefixScore> ToScores(PrefixMatches matches, List<EndpointId>? only)
    {
        var scores = new List<PrefixScore>(matches.Endpoints.Count);
        var all = catalog.All;
        foreach (var number in matches.Endpoints)
        {
            var endpoint = all[number];
            if (only is not null && !only.Exists(name => endpoint.Engine.Answers(name, endpoint.Rank)))
            {
                continue;
            }

            var tiers = new Dictionary<string, int>(1);
            var score = 0.0;
            for (var tier = Tier.Gpu; tier < Tier.Speculative; tier++)
            {
                if (matches.InTier(number, tier) is > 0 and var blocks)
                {
                    tiers.Add(Tiers.Name(tier), blocks);
                    score += blocks * weights.Of(tier);
                }
            }

            var depth = matches.Depth(number);
            // Sums of decimal weights show their binary side in the last digits.
            scores.Add(new PrefixScore(endpoint.Name, depth, depth * keys.BlockSize, tiers, Math.Round(score, 6)));
        }

        scores.Sort(LongestFirst);
        return scores;
    }

    private static int LongestFirst(PrefixScore one, PrefixScore other) =>
        one.Blocks != other.Blocks ? other.Blocks.CompareTo(one.Blocks)
        : one.Score != other.Score ? other.Score.CompareTo(one.Score)
        : string.CompareOrdinal(one.Endpoint, other.Endpoint);
}
