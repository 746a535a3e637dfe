using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting;

/// <summary>Finds ports for the endpoints of one local run.</summary>
/// <remarks>
/// Walks up from a preferred port, so that addresses are short and the same from run to run. A port is only looked at, not held:
/// another program may still take it before the resource starts, which then says so. Not thread-safe; the model is built by one thread.
/// </remarks>
public sealed class LocalPorts
{
    private readonly HashSet<int> _given = [];

    /// <summary>The first run of <paramref name="count"/> contiguous free ports at or above <paramref name="preferred"/>.</summary>
    /// <exception cref="DistributedApplicationException">There is none up to 65535.</exception>
    public int Take(int preferred, int count = 1)
    {
        for (var first = preferred; first + count - 1 <= IPEndPoint.MaxPort; first++)
        {
            var run = Enumerable.Range(first, count);
            if (run.All(port => !_given.Contains(port) && IsFree(port)))
            {
                _given.UnionWith(run);
                return first;
            }
        }

        throw new DistributedApplicationException($"No {count} free contiguous ports at or above {preferred}; stop what uses them.");
    }

    /// <summary>Takes one certain port, if it is free.</summary>
    public bool TryTake(int port) => IsFree(port) && _given.Add(port);

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
