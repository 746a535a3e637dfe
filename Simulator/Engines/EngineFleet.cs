using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.KvEvents;
using LlmdAspire.Simulator.KvTransfer;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LlmdAspire.Simulator.Engines;

/// <summary>The engines of this process, each found by the port it is served on.</summary>
internal sealed class EngineFleet : IAsyncDisposable
{
    private const string PythonHashSeed = "PYTHONHASHSEED";

    private readonly List<ServedEngine> _engines = [];
    private readonly Lazy<Dictionary<int, ServedEngine>> _byPort;

    public EngineFleet(SimulatorFlags flags, TimeProvider time, IServer server, RemoteEngines remotes, ILogger<EngineFleet> logger)
    {
        var hasher = flags.CachesPrefixes ? new EngineBlockHasher(flags.HashAlgorithm, flags.HashSeed.Value ?? Environment.GetEnvironmentVariable(PythonHashSeed)) : null;
        if (flags.KvEvents.IsOn && hasher is null)
        {
            KvEventLog.NothingToPublish(logger);
        }

        for (var index = 0; index < flags.Instances; index++)
        {
            _engines.Add(new ServedEngine(flags, index, hasher, time, remotes, logger));
        }

        // Real port numbers are known once the server listens, in the order in which they were asked for.
        _byPort = new(() => Ports(server).Zip(_engines).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>The engine on the main port.</summary>
    public ServedEngine First => _engines[0];

    /// <summary>The engine that a request was sent to.</summary>
    public ServedEngine Of(HttpContext context) =>
        _engines.Count == 1 ? _engines[0] : _byPort.Value[context.Connection.LocalPort];

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }

    private static IEnumerable<int> Ports(IServer server) =>
        server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => BindingAddress.Parse(address).Port).Distinct();
}
