using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>Finds who was sent the same beginning before, in an index of this process.</summary>
internal sealed class ApproximatePrefixProducer(string name, ApproximatePrefixOptions options) : IDataProducer, IPickObserver, IReadsEngineMetrics
{
    public const string Type = "approx-prefix-cache-producer";

    // Smaller blocks than this cost more to look up than they tell.
    private const int LeastTunedBlockTokens = 64;

    private readonly ApproximatePrefixIndex _index = new();

    /// <summary>Blocks that some engine is believed to hold.</summary>
    public int BlockCount => _index.BlockCount;

    public ValueTask ProduceAsync(SchedulingContext context, CancellationToken cancellationToken)
    {
        context.SetPrefixes(name, Find(context));
        return ValueTask.CompletedTask;
    }

    /// <summary>Looks the prompt up without putting the result into the context.</summary>
    public PrefixMatches Find(SchedulingContext context)
    {
        var blockTokens = BlockTokensFor(context.Candidates);
        var hashes = PromptHashes.Of(context.Request, blockTokens, MaxBlocks(blockTokens));
        context.KeepHashes(this, hashes);
        return new PrefixMatches(blockTokens, hashes.Length, context.Request.PromptTokens, _index.Match(hashes, context.Candidates));
    }

    public void Picked(SchedulingContext context, ScheduleResult result)
    {
        if (context.TakeHashes(this) is not { } hashes)
        {
            return;
        }

        // Both ends of a hand-over hold the blocks afterwards.
        Record(result.Best, hashes);
        Record(result.Prefill, hashes);
    }

    private void Record(EngineEndpoint? endpoint, ulong[] hashes)
    {
        if (endpoint is not null)
        {
            _index.Record(endpoint, hashes, CapacityOf(endpoint));
        }
    }

    private int MaxBlocks(int blockTokens) =>
        options.MaxPrefixTokensToMatch > 0 ? Math.Max(1, options.MaxPrefixTokensToMatch / blockTokens) : options.MaxPrefixBlocksToMatch;

    // One size for all engines, or their blocks could not be compared.
    private int BlockTokensFor(ReadOnlySpan<EngineEndpoint> candidates)
    {
        if (options.AutoTune)
        {
            foreach (var candidate in candidates)
            {
                if (candidate.Load.BlockSize is > 0 and var size)
                {
                    return Math.Max(size, LeastTunedBlockTokens);
                }
            }
        }

        return options.BlockSizeTokens;
    }

    private int CapacityOf(EngineEndpoint endpoint)
    {
        var load = endpoint.Load;
        if (!options.AutoTune || load.BlockSize <= 0 || load.BlockCount <= 0)
        {
            return options.LruCapacityPerServer;
        }

        return (int)Math.Max(1, (long)load.BlockCount * load.BlockSize / Math.Max(load.BlockSize, LeastTunedBlockTokens));
    }
}
