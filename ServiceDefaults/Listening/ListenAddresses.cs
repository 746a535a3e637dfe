using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.ServiceDefaults.Listening;

/// <summary>Turns <c>--host</c> into addresses to listen on.</summary>
internal static class ListenAddresses
{
    /// <summary>The addresses a host stands for: one, or both loopbacks for localhost.</summary>
    /// <exception cref="UsageException">The host is no address and no name that resolves.</exception>
    public static IPAddress Of(string host)
    {
        var bare = host.Trim('[', ']');
        if (bare is "*" or "+")
        {
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        }

        if (IPAddress.TryParse(bare, out var address))
        {
            return address;
        }

        if (bare.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return IPAddress.Loopback;
        }

        try
        {
            return Dns.GetHostAddresses(bare) is [var first, ..] ? first : throw Unknown(host);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw Unknown(host);
        }
    }

    /// <summary>Listens on one port of a host.</summary>
    public static void Listen(KestrelServerOptions kestrel, string host, int port)
    {
        // Clients resolve "localhost" to either loopback, so both answer; a free port cannot be the same on both.
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && port != 0)
        {
            kestrel.ListenLocalhost(port, options => options.Protocols = HttpProtocols.Http1);
            return;
        }

        kestrel.Listen(Of(host), port, options => options.Protocols = HttpProtocols.Http1);
    }

    /// <summary>An address that a client on this machine can use.</summary>
    public static Uri ToUsable(string bound)
    {
        var uri = new Uri(bound.Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal));
        var isWildcard = uri.Host is "0.0.0.0" or "[::]";
        return isWildcard ? new UriBuilder(uri) { Host = "127.0.0.1" }.Uri : uri;
    }

    private static UsageException Unknown(string host) =>
        new($"--host is '{host}'; it must be an address of this machine, a name that resolves to one, or * for all.");
}
