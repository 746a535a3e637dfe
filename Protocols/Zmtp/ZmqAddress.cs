using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>
/// A ZeroMQ address: <c>tcp://host:port</c> (for binding also <c>tcp://*:port</c>, port 0 or <c>*</c> for a free one) or
/// <c>ipc://path</c> (<c>ipc://@name</c> is Linux' abstract name space).
/// </summary>
internal sealed record ZmqAddress(string Text, string? Host, int Port, string? Path)
{
    private const string Tcp = "tcp://";
    private const string Ipc = "ipc://";

    /// <exception cref="FormatException">The text is no such address; the message says what one looks like.</exception>
    public static ZmqAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(Ipc, StringComparison.OrdinalIgnoreCase) && text.Length > Ipc.Length)
        {
            var path = text[Ipc.Length..];
            return new ZmqAddress(text, null, 0, path[0] == '@' ? '\0' + path[1..] : path);
        }

        var colon = text.LastIndexOf(':');
        if (text.StartsWith(Tcp, StringComparison.OrdinalIgnoreCase) && colon > Tcp.Length)
        {
            var host = text[Tcp.Length..colon].Trim('[', ']');
            var port = text[(colon + 1)..];
            if (port == "*")
            {
                return new ZmqAddress(text, host, 0, null);
            }

            if (host.Length > 0 && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return new ZmqAddress(text, host, number, null);
            }
        }

        throw new FormatException($"'{text}' is no ZeroMQ address; write tcp://host:port, tcp://*:port (to bind) or ipc://path.");
    }

    /// <summary>Any address of this machine, so only good for binding.</summary>
    public bool IsWildcard => Host is "*" or "::" or "0.0.0.0";

    public EndPoint ToConnect() =>
        Path is not null ? new UnixDomainSocketEndPoint(Path)
        : Host == "*" || Port == 0 ? throw new FormatException($"'{Text}' can only be bound; name a host and a port to connect to.")
        : IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port)
        : new DnsEndPoint(Host!, Port);

    public EndPoint ToBind()
    {
        if (Path is not null)
        {
            return new UnixDomainSocketEndPoint(Path);
        }

        if (Host == "*")
        {
            return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port);
        }

        var ip = IPAddress.TryParse(Host, out var literal) ? literal : Dns.GetHostAddresses(Host!)[0];
        return new IPEndPoint(ip, Port);
    }

    /// <summary>This address with the port the system gave.</summary>
    public string WithPort(int port) => Path is not null ? Text : Host!.Contains(':', StringComparison.Ordinal) ? $"{Tcp}[{Host}]:{port}" : $"{Tcp}{Host}:{port}";
}
