using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;

namespace LlmdAspire.Hosting.Tests;

public sealed class LocalPortsTests
{
    // Above what the system gives out by itself, so that tests beside this one do not collide.
    private const int Quiet = 61100;

    [Fact]
    public void Take_WalksPastPortsInUse()
    {
        using var other = Listen(LocalPorts.Take(Quiet));
        var used = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.True(LocalPorts.Take(used) > used);
    }

    [Fact]
    public void Take_NeverGivesAPortTwice_EvenToAnotherStack()
    {
        var first = LocalPorts.Take(Quiet);

        Assert.NotEqual(first, LocalPorts.Take(first));
        Assert.False(LocalPorts.TryTake(first));
    }

    [Fact]
    public void Take_OfSeveral_GivesThemInARow()
    {
        var first = LocalPorts.Take(Quiet, count: 4);

        Assert.All(Enumerable.Range(first, 4), port => Assert.False(LocalPorts.TryTake(port)));
    }

    [Fact]
    public void Take_BeyondTheLastPort_SaysSo()
    {
        var mistake = Assert.Throws<DistributedApplicationException>(() => LocalPorts.Take(65534, count: 3));

        Assert.Equal("No 3 free contiguous ports at or above 65534; stop what uses them.", mistake.Message);
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }
}
