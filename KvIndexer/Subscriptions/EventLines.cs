using System.Net;
using System.Net.Sockets;
using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Sharing;
using LlmdAspire.KvIndexer.Events;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>All lines that events arrive on: one per engine and rank, one per bound port. Opened with the service, closed with it.</summary>
internal sealed class EventLines(
    KvIndexerFlags flags, EndpointCatalog catalog, EngineClient client, BlockKeys keys, SharedIndex shared, IndexerMetrics metrics, TimeProvider clock,
    ILoggerFactory loggers)
    : BackgroundService
{
    private readonly Func<IPAddress, string?>? _refuses = flags.Refuses;
    private readonly List<EventLine> _lines = [];
    private readonly List<string> _bound = [];

    /// <summary>Addresses bound, with their real ports.</summary>
    public IReadOnlyList<string> Bound => _bound;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            BindAll();
        }
        catch (SocketException)
        {
            await CloseAsync();
            throw;
        }

        foreach (var engine in flags.Engines)
        {
            for (var rank = 0; rank < engine.Ranks; rank++)
            {
                Open(new EngineOrigin(engine, rank, catalog, client)).Connect(EngineAddress.PortOfRank(engine.Events, rank));
            }
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await CloseAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Sockets keep what arrives meanwhile.
        await shared.Ready.WaitAsync(stoppingToken);
        await Task.WhenAll(_lines.Select(line => Task.Run(() => line.RunAsync(stoppingToken), CancellationToken.None)));
    }

    private void BindAll()
    {
        foreach (var address in flags.Bind.Value)
        {
            var colon = address.LastIndexOf(':');
            _ = int.TryParse(address.AsSpan(colon + 1), out var port);
            for (var rank = 0; rank < flags.BindRanks; rank++)
            {
                // Port 0 takes a free one for each rank; tests do that.
                var text = port == 0 ? address : $"{address[..colon]}:{port + rank}";
                try
                {
                    _bound.Add(Open(new BoundOrigin(text, rank, catalog)).Bind(text));
                }
                catch (Exception e) when (e is SocketException or FormatException)
                {
                    throw new UsageException($"--bind: cannot listen on {text}: {e.Message}; name an address of this machine and a free port.");
                }
            }
        }
    }

    private EventLine Open(IEventOrigin origin)
    {
        var logger = loggers.CreateLogger<EventLine>();
        var applier = new BatchApplier(catalog, keys, metrics, clock, loggers.CreateLogger<BatchApplier>());
        var intake = new EventIntake(origin, catalog, applier, metrics, clock, flags.StaleWindow, logger);
        var line = new EventLine(origin, intake, metrics, clock, _refuses, logger);
        _lines.Add(line);
        return line;
    }

    private async Task CloseAsync()
    {
        foreach (var line in _lines)
        {
            await line.DisposeAsync();
        }
    }
}
