using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.KvIndexer.Sharing;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Http;

/// <summary><c>GET /v1/stats</c>: how large the index is and how much it does.</summary>
internal sealed class StatsEndpoint(IBlockIndex index, EndpointCatalog catalog, ByteBudget budget, TokenCache tokens, SharedIndex shared, IndexerMetrics metrics,
    EventRate rate)
{
    public Task HandleAsync(HttpContext context)
    {
        var (blocks, bytes) = (index.Blocks, index.Bytes);
        return IndexerJson.WriteAsync(context, new
        {
            Blocks = blocks,
            Bytes = bytes,
            BytesPerBlock = blocks == 0 ? 0 : Math.Round((double)bytes / blocks, 2),
            HandleBytes = catalog.HandleBytes,
            MemoryBudgetBytes = budget.Limit,
            TokenCacheBytes = tokens.Bytes,
            Events = metrics.AllEvents,
            EventsPerSecond = Math.Round(rate.PerSecond, 3),
            Lookups = metrics.AllLookups,
            Endpoints = catalog.All.Count,
            EvictedBlocks = catalog.Evicted,
            RefusedBlocks = catalog.Refused,
            Degraded = shared.IsDegraded,
        });
    }
}
