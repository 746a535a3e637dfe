using System.Buffers;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Epp.Indexer;

/// <summary>Asks the KvIndexer for the picker's prefix scorers.</summary>
internal sealed class KvIndexerLookup(IndexerClient indexer, EndpointPool pool, EppMetrics metrics) : IPrefixLookup
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "kv-indexer";

    public async ValueTask<PrefixLookupResult> FindAsync(SchedulingContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var (reply, failure) = await indexer.AskAsync(
            new(
                request.Model, request.PromptKind, new ReadOnlySequence<byte>(request.Prompt), request.CacheSalt,
                [.. request.TemplateMembers.Select(member => new ReadOnlySequence<byte>(member))]),
            cancellationToken);
        return new(reply is null ? null : BySlots(reply, pool.All), failure);
    }

    public void FellBack(string reason) => metrics.FellBack(reason);

    private static PrefixMatches BySlots(ScoreReply reply, ReadOnlySpan<Scheduling.Endpoints.EngineEndpoint> endpoints)
    {
        var slots = 0;
        foreach (var endpoint in endpoints)
        {
            slots = Math.Max(slots, endpoint.Slot + 1);
        }

        var blocks = new int[slots];
        var weights = new double[slots];
        foreach (var match in reply.Matches)
        {
            foreach (var endpoint in endpoints)
            {
                if (match.IsOf(endpoint.Id))
                {
                    (blocks[endpoint.Slot], weights[endpoint.Slot]) = (match.Blocks, match.Score);
                    break;
                }
            }
        }

        return new PrefixMatches(reply.BlockSize, reply.Blocks, reply.Tokens, blocks, weights) { Source = "indexer", LookupTime = reply.Took };
    }
}
