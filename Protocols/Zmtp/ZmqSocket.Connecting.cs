using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Protocols.Zmtp;

public abstract partial class ZmqSocket
{
    private readonly Dictionary<string, CancellationTokenSource> _dialled = [];

    /// <summary>
    /// Keeps a connection to the address from now on: dials in the background, and again with growing, jittered waits whenever it is lost.
    /// An address already connected stays as it is.
    /// </summary>
    /// <param name="address"><c>tcp://host:port</c> or <c>ipc://path</c>; a host name is resolved at each attempt.</param>
    /// <exception cref="FormatException">The address cannot be connected to.</exception>
    public void Connect(string address)
    {
        var parsed = ZmqAddress.Parse(address);
        var target = parsed.ToConnect();
        CancellationTokenSource stop;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (_dialled.ContainsKey(address))
            {
                return;
            }

            stop = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            _dialled.Add(address, stop);
        }

        _ = TryStart(() => DialAsync(address, target, stop));
    }

    /// <summary>Ends the connection to an address given to <see cref="Connect"/> and stops dialling it. Messages already received stay.</summary>
    /// <returns>False when the address was not connected.</returns>
    public bool Disconnect(string address)
    {
        ZmqConnection[] open;
        CancellationTokenSource? stop;
        lock (_gate)
        {
            if (IsDisposed || !_dialled.Remove(address, out stop))
            {
                return false;
            }

            open = [.. _open.Where(connection => connection.Address == address && connection.IsDialled)];
        }

        // Outside the lock: the dialling loop may go on right here.
        stop.Cancel();
        foreach (var connection in open)
        {
            _ = connection.Close("disconnected by this side");
        }

        return true;
    }

    private async Task DialAsync(string address, EndPoint target, CancellationTokenSource stop)
    {
        var failures = 0;
        var quiet = false;
        while (!stop.IsCancellationRequested)
        {
            var (joined, unusual) = await DialOnceAsync(address, target, stop.Token);
            if (stop.IsCancellationRequested)
            {
                break;
            }

            failures = joined ? 0 : failures + 1;
            if (joined)
            {
                quiet = false;
            }

            // One word per outage: whoever reads the log knows after the first attempt what the thousandth would say.
            if (unusual is { } what && !quiet)
            {
                quiet = true;
                Report(what);
            }

            var wait = RetryDelay.After(Math.Max(failures - 1, 0), Options.ReconnectMinimum, Options.ReconnectMaximum, Options.Random.NextDouble());
            await Task.Delay(wait, Options.TimeProvider, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.Dispose();
    }

    private async Task<(bool Joined, ZmqEvent? Unusual)> DialOnceAsync(string address, EndPoint target, CancellationToken stop)
    {
        var socket = target is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var timeout = new CancellationTokenSource(Options.HandshakeTimeout, Options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
            await socket.ConnectAsync(target, either.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return (false, new ZmqEvent(ZmqEventKind.Unreachable, address, e is SocketException ? e.Message : "no answer in time"));
        }

        return await RunAsync(socket, address, dialled: true);
    }

    /// <summary>Runs a connection to its end.</summary>
    private async Task<(bool Joined, ZmqEvent? Unusual)> RunAsync(Socket socket, string address, bool dialled)
    {
        SocketTuning.Apply(socket);
        var connection = new ZmqConnection(this, socket, address) { IsDialled = dialled };
        if (!TryTrack(connection))
        {
            socket.Dispose();
            return (false, null);
        }

        var (joined, refused, reason) = await connection.RunAsync();
        Untrack(connection);
        if (joined)
        {
            Report(new ZmqEvent(ZmqEventKind.Disconnected, address, reason, connection.Peer));
        }

        var unusual = joined ? null
            : refused ? new ZmqEvent(ZmqEventKind.Refused, address, reason)
            : dialled ? new ZmqEvent(ZmqEventKind.Unreachable, address, reason)
            : (ZmqEvent?)null;
        return (joined, unusual);
    }
}
