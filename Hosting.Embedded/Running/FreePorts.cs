using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Finds ports that nobody uses; gives each only once.</summary>
/// <remarks>
/// Takes them below the range from which the system draws the ports of outgoing connections: a health check that polls a port in that range,
/// before anybody listens there, may happen to connect to itself and take the port away from the resource.
/// </remarks>
internal sealed class FreePorts(Random random)
{
    private const int Lowest = 10_000;
    private const int Attempts = 1_000;
    private readonly HashSet<int> _given = [];
    private readonly int _highest = Math.Max(EphemeralStart(), Lowest + 1_000);

    /// <summary>Takes a certain port; false when somebody has it.</summary>
    public bool TryTake(int port) => !_given.Contains(port) && IsFree(port) && _given.Add(port);

    public int Take()
    {
        for (var i = 0; i < Attempts; i++)
        {
            var port = random.Next(Lowest, _highest);
            if (TryTake(port))
            {
                return port;
            }
        }

        throw new Aspire.Hosting.DistributedApplicationException($"No free port was found between {Lowest} and {_highest}.");
    }

    private static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private static bool CanListen(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException exception)
        {
            // A machine may know IPv6 and yet have no such address; then nobody else listens there either.
            return exception.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }

    private static int EphemeralStart()
    {
        const int usual = 32_768;
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return usual;
        }
    }
}
