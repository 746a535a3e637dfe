using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Tests.Shared;

/// <summary>Loopback ports for tests that must know one before somebody listens on it.</summary>
public static class TestPorts
{
    /// <summary>A port that was free a moment ago. Prefer port 0 and asking the listener.</summary>
    public static int Free()
    {
        using var listener = Take();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Listens on a free port and never answers, until disposed.</summary>
    public static TcpListener Take()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
