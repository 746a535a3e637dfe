using System.Globalization;
using System.Net;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Sidecar;

/// <summary>The hosts that a request may name to compute its prompt. Names are compared as written, never resolved.</summary>
internal sealed class PrefillerAllowList
{
    private readonly List<(IPNetwork Network, int? Port)> _networks = [];
    private readonly HashSet<(string Host, int? Port)> _names = [];

    /// <param name="entries">Each without a mistake.</param>
    public static PrefillerAllowList Of(IEnumerable<string> entries)
    {
        var list = new PrefillerAllowList();
        foreach (var entry in entries)
        {
            var (host, port) = Split(entry);
            if (NetworkOf(host) is { } network)
            {
                list._networks.Add((network, port));
            }
            else
            {
                _ = list._names.Add((host.ToLowerInvariant(), port));
            }
        }

        return list;
    }

    /// <summary>What is wrong with an entry, as the end of a sentence; null when nothing is.</summary>
    public static string? FindMistake(string entry)
    {
        const string Remedy = "write an address, a network such as 10.0.0.0/8 or a host name, each perhaps with :PORT";
        var (host, port) = Split(entry);
        if (port is < 1 or > 65535)
        {
            return $"has no usable port; {Remedy}";
        }

        return NetworkOf(host) is null && Uri.CheckHostName(host) != UriHostNameType.Dns ? $"is no host; {Remedy}" : null;
    }

    public bool Allows(EndpointId prefiller)
    {
        var host = prefiller.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out var address))
        {
            return _names.Contains((host, null)) || _names.Contains((host, prefiller.Port));
        }

        // One address has two spellings.
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Exists(allowed => allowed.Network.Contains(address) && (allowed.Port ?? prefiller.Port) == prefiller.Port);
    }

    private static IPNetwork? NetworkOf(string host)
    {
        host = host.Trim('[', ']');
        if (IPAddress.TryParse(host, out var address))
        {
            return new(address, address.GetAddressBytes().Length * 8);
        }

        return host.Contains('/') && IPNetwork.TryParse(host, out var network) ? network : null;
    }

    // "host", "host:1", "[::1]:1", "::1" and "10.0.0.0/8:1".
    private static (string Host, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var isPort = colon > 0 && (entry.IndexOf(':') == colon || entry[colon - 1] == ']');
        if (!isPort)
        {
            return (entry, null);
        }

        return (entry[..colon], int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0);
    }
}
