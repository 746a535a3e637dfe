using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting;

/// <summary>Finds ports for the endpoints of a local run.</summary>
/// <remarks>
/// Walks up from a preferred port, so that addresses are short and the same from run to run. A port that was given stays this process's as far as
/// other stacks are concerned, until it ends: each is leased by a file that the system unlocks, however the process ends. Another kind of program may
/// still take one before the resource starts, which then says so. Not thread-safe; the model is built by one thread.
/// </remarks>
public static class LocalPorts
{
    private static readonly string s_leases = Path.Combine(Path.GetTempPath(), $"llmdaspire-ports-{Environment.UserName}");

    // Never closed: a lease that the collector ended would let another stack take a port that is still to be used.
    private static readonly List<FileStream> s_held = [];

    /// <summary>The first run of <paramref name="count"/> contiguous free ports at or above <paramref name="preferred"/>.</summary>
    /// <exception cref="DistributedApplicationException">There is none up to 65535.</exception>
    public static int Take(int preferred, int count = 1)
    {
        for (var first = preferred; first + count - 1 <= IPEndPoint.MaxPort; first++)
        {
            if (TryTake(first, count))
            {
                return first;
            }
        }

        throw new DistributedApplicationException($"No {count} free contiguous ports at or above {preferred}; stop what uses them.");
    }

    /// <summary>Takes certain ports, if all of them are free.</summary>
    public static bool TryTake(int first, int count = 1)
    {
        var leases = new List<FileStream>(count);
        foreach (var port in Enumerable.Range(first, count))
        {
            if (!IsFree(port) || TryLease(port) is not { } lease)
            {
                leases.ForEach(earlier => earlier.Dispose());
                return false;
            }

            leases.Add(lease);
        }

        s_held.AddRange(leases);
        return true;
    }

    private static FileStream? TryLease(int port)
    {
        try
        {
            Directory.CreateDirectory(s_leases);
            var path = Path.Combine(s_leases, port.ToString(CultureInfo.InvariantCulture));
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"'{s_leases}' cannot be written, where stacks lease their ports; make it writable, or set TMPDIR to another folder.");
        }
    }

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
