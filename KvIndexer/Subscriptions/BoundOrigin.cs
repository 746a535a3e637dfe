using System.Collections.Concurrent;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Events;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>A port that engines connect to: their topics say who they are, <c>kv@ENDPOINT@MODEL</c>.</summary>
/// <param name="name">The address bound.</param>
/// <param name="rank">The rank that dials this port, for batches that say none.</param>
internal sealed class BoundOrigin(string name, int rank, EndpointCatalog catalog) : IEventOrigin
{
    private readonly ConcurrentDictionary<ZmqPeer, ConcurrentDictionary<IndexedEndpoint, bool>> _peers = new();

    public string Name => name;

    public string? Replay => null;

    public IndexedEndpoint? Main => null;

    public IndexedEndpoint? Resolve(ReadOnlySpan<byte> topic, int? batchRank, ZmqPeer? peer, out string? model)
    {
        model = null;
        if (!KvTopic.TryParse(topic, out var address, out var named))
        {
            return null;
        }

        model = named;
        // A rank in the topic is the rank that speaks, whatever the batch says.
        var endpoint = catalog.Endpoint(catalog.Engine(address, ranks: 1), address.Rank ?? batchRank ?? rank);
        if (endpoint is not null && peer is not null && _peers.GetOrAdd(peer, _ => new()).TryAdd(endpoint, true))
        {
            endpoint.Connected = peer.IsConnected;
        }

        return endpoint;
    }

    public Task<bool> LearnModelAsync(CancellationToken cancellation) => Task.FromResult(false);

    public void OnLine(ZmqEvent change)
    {
        if (change is { Kind: ZmqEventKind.Disconnected, Peer: { } peer } && _peers.TryRemove(peer, out var endpoints))
        {
            foreach (var endpoint in endpoints.Keys)
            {
                endpoint.Connected = false;
            }
        }
    }
}
