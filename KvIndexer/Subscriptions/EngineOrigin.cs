using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Events;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>One rank of an engine named by <c>--engine</c>: we connect to it, so we know whose events these are.</summary>
internal sealed class EngineOrigin : IEventOrigin
{
    private readonly EndpointCatalog _catalog;
    private readonly EngineClient _client;
    private readonly IndexedEngine _engine;
    private readonly int _rank;
    private string? _model;
    private volatile bool _connected;

    public EngineOrigin(EngineAddress address, int rank, EndpointCatalog catalog, EngineClient client)
    {
        _catalog = catalog;
        _client = client;
        _engine = catalog.Engine(address.Endpoint, address.Ranks);
        _rank = rank;
        _model = address.Model;
        Name = address.Ranks > 1 ? address.Endpoint.WithRank(rank).ToString() : address.Endpoint.ToString();
        Replay = address.Replay is { } replay ? EngineAddress.PortOfRank(replay, rank) : null;
        Main = catalog.Endpoint(_engine, rank);
    }

    public string Name { get; }

    public string? Replay { get; }

    public IndexedEndpoint? Main { get; private set; }

    public IndexedEndpoint? Resolve(ReadOnlySpan<byte> topic, int? rank, ZmqPeer? peer, out string? model)
    {
        // By convention the topic names engine and model; the address is known better here.
        model = KvTopic.TryParse(topic, out _, out var named) ? named : _model;
        if (Main is null || Main.Rank != (rank ?? _rank))
        {
            Main = _catalog.Endpoint(_engine, rank ?? _rank);
        }

        Main?.Connected = _connected;
        return Main;
    }

    public async Task<bool> LearnModelAsync(CancellationToken cancellation)
    {
        _model = await _client.FirstModelAsync(_engine.Address, cancellation);
        return _model is not null;
    }

    public void OnLine(ZmqEvent change)
    {
        _connected = change.Kind == ZmqEventKind.Connected;
        Main?.Connected = _connected;
    }
}
