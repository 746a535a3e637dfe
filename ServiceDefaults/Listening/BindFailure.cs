using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.ServiceDefaults.Listening;

/// <summary>Finds out which port could not be listened on and says so in one line.</summary>
internal static class BindFailure
{
    /// <summary>One line per port that cannot be bound now.</summary>
    /// <param name="flags">Names the flag that gave a port.</param>
    /// <param name="ports">The ports that the service wanted.</param>
    public static IReadOnlyList<string> Explain(ServiceFlags flags, IEnumerable<int> ports)
    {
        var host = flags.Host.Value;
        var address = ListenAddresses.Of(host);
        var wanted = ports.Where(port => port != 0).ToList();
        return
        [
            .. wanted
                .Select(port => Line(host, port, FlagOf(flags, port), TryBind(address, port)))
                .OfType<string>(),
            .. wanted
                .GroupBy(port => port)
                .Where(group => group.Count() > 1)
                .Select(group => $"port {group.Key} is wanted by {string.Join(" and ", FlagsOf(flags, group.Key))}; give each a port of its own."),
        ];
    }

    private static string? Line(string host, int port, string flag, SocketError error) => error switch
    {
        SocketError.Success => null,
        SocketError.AddressAlreadyInUse => $"port {port} on {host} is already in use; choose another with {flag}.",
        SocketError.AccessDenied => $"port {port} on {host} needs privileges that this process lacks; choose one above 1023 with {flag}.",
        SocketError.AddressNotAvailable => $"{host} is not an address of this machine; choose another with --host.",
        _ => $"cannot listen on port {port} on {host} ({error}); choose another with {flag} or --host.",
    };

    private static SocketError TryBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    // A port that no flag names outright counts up from --port.
    private static string FlagOf(ServiceFlags flags, int port) => FlagsOf(flags, port).FirstOrDefault("--" + flags.Port.Name);

    private static IEnumerable<string> FlagsOf(ServiceFlags flags, int port) => flags.All.OfType<Flag<int>>()
        .Where(flag => flag.Value == port && flag.Name.EndsWith("port", StringComparison.Ordinal))
        .Select(flag => "--" + flag.Name);
}
