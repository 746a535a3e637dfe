using System.Globalization;

namespace LlmdAspire.Simulator.KvEvents;

/// <summary>vLLM's rules for the addresses of KV events: who binds, and where each data-parallel rank is.</summary>
internal static class EventAddress
{
    private const string Tcp = "tcp://";
    private const string Ipc = "ipc://";

    /// <summary>Whether a publisher with this address waits for subscribers, instead of dialling a central one.</summary>
    public static bool Binds(string address) =>
        address.Contains('*', StringComparison.Ordinal) || address.Contains("::", StringComparison.Ordinal) || address.StartsWith(Ipc, StringComparison.Ordinal);

    /// <summary>The address moved by <paramref name="offset"/> ports; port 0, any free one, stays.</summary>
    public static string Of(string address, int offset) =>
        PortOf(address) is { } port and > 0 ? string.Create(CultureInfo.InvariantCulture, $"{address[..(address.LastIndexOf(':') + 1)]}{port + offset}") : address;

    /// <summary>The port of a TCP address; null for another scheme.</summary>
    public static int? PortOf(string address) =>
        !address.StartsWith(Tcp, StringComparison.Ordinal) ? null
        : int.TryParse(address[(address.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port
        : 0;

    /// <summary>What is wrong with an address by itself, or null.</summary>
    public static string? FindMistake(string address)
    {
        if (address.StartsWith(Ipc, StringComparison.Ordinal) && address.Length > Ipc.Length)
        {
            return null;
        }

        var port = address[(address.LastIndexOf(':') + 1)..];
        return address.StartsWith(Tcp, StringComparison.Ordinal) && address.LastIndexOf(':') > Tcp.Length
            && (port == "*" || (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= ushort.MaxValue))
            ? null
            : $"has the address '{address}'; write tcp://*:5557 to listen, tcp://host:5557 to connect, or ipc://path";
    }

    /// <summary>What is wrong with the ports of <paramref name="count"/> publishers, each one port above the other, or null.</summary>
    public static string? FindCollision(KvEventsConfig config, int count, int httpPort, int httpPorts)
    {
        var events = PortOf(config.Endpoint);
        var replay = config.ReplayEndpoint is { } address ? PortOf(address) : null;
        if (count > 1 && (events is null || (config.ReplayEndpoint is not null && replay is null)))
        {
            return "has an ipc:// address, which only one rank can use; write tcp:// addresses";
        }

        if (Math.Max(events ?? 0, replay ?? 0) + count - 1 > ushort.MaxValue)
        {
            return $"needs {count} ports from its addresses up, which goes beyond 65535";
        }

        if (Overlap(events, count, replay, count) && (Binds(config.Endpoint) || events == replay))
        {
            return $"has endpoint {config.Endpoint} and replay_endpoint {config.ReplayEndpoint}; each rank adds its number to both, so they must lie at least {count} ports apart";
        }

        var taken = Overlap(httpPort, httpPorts, replay, count) ? config.ReplayEndpoint
            : Binds(config.Endpoint) && Overlap(httpPort, httpPorts, events, count) ? config.Endpoint : null;
        return taken is null ? null : $"has the address {taken}, whose {count} port{(count == 1 ? "" : "s")} meet the HTTP port {httpPort}; move one of them";
    }

    private static bool Overlap(int? first, int firstCount, int? second, int secondCount) =>
        first is > 0 && second is > 0 && first < second + secondCount && second < first + firstCount;
}
