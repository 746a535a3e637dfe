using LlmdAspire.Simulator.CommandLine;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LlmdAspire.Simulator.Engines;

/// <summary>The engines of this process, each found by the port it is served on.</summary>
internal sealed class EngineFleet : IDisposable
{
    private readonly ServedEngine[] _engines;
    private readonly Lazy<Dictionary<int, ServedEngine>> _byPort;

    public EngineFleet(SimulatorFlags flags, TimeProvider time, IServer server)
    {
        _engines = [.. Enumerable.Range(0, flags.Instances).Select(index => new ServedEngine(flags, index, time))];
        // Real port numbers are known once the server listens, in the order in which they were asked for.
        _byPort = new(() => Ports(server).Zip(_engines).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>The engine on the main port.</summary>
    public ServedEngine First => _engines[0];

    /// <summary>The engine that a request was sent to.</summary>
    public ServedEngine Of(HttpContext context) =>
        _engines.Length == 1 ? _engines[0] : _byPort.Value[context.Connection.LocalPort];

    public void Dispose() => Array.ForEach(_engines, engine => engine.Dispose());

    private static IEnumerable<int> Ports(IServer server) =>
        server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => BindingAddress.Parse(address).Port).Distinct();
}
