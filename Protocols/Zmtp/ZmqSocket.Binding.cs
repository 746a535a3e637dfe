using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Protocols.Zmtp;

public abstract partial class ZmqSocket
{
    // More than ten thousand engines connecting at once do not exist; the kernel caps it anyway.
    private const int Backlog = 512;
    private static readonly TimeSpan s_acceptRetry = TimeSpan.FromMilliseconds(100);

    private readonly List<(Socket Socket, string? File)> _listeners = [];
    private int _accepted;

    /// <summary>Listens at an address and accepts peers in the background.</summary>
    /// <param name="address"><c>tcp://*:5557</c>, <c>tcp://127.0.0.1:0</c> (a free port), <c>ipc://path</c>.</param>
    /// <returns>The address with its real port.</returns>
    /// <exception cref="FormatException">The address cannot be bound.</exception>
    /// <exception cref="SocketException">The port is in use, or not ours to use.</exception>
    public string Bind(string address)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var parsed = ZmqAddress.Parse(address);
        var endpoint = parsed.ToBind();
        var listener = Listen(endpoint, parsed);
        var bound = listener.LocalEndPoint is IPEndPoint ip ? parsed.WithPort(ip.Port) : parsed.Text;
        lock (_gate)
        {
            _listeners.Add((listener, FileOf(parsed)));
        }

        if (!TryStart(() => AcceptAsync(listener, bound)))
        {
            CloseListeners();
            ObjectDisposedException.ThrowIf(true, this);
        }

        Report(new ZmqEvent(ZmqEventKind.Listening, bound));
        return bound;
    }

    private static Socket Listen(EndPoint endpoint, ZmqAddress address)
    {
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = address.IsWildcard;
            }

            RemoveStaleFile(endpoint, FileOf(address));
            listener.Bind(endpoint);
            listener.Listen(Backlog);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private static string? FileOf(ZmqAddress address) => address.Path is { } path && path[0] != '\0' ? path : null;

    // A crashed process leaves its socket file behind; one that answers belongs to somebody alive, and binding will say so.
    private static void RemoveStaleFile(EndPoint endpoint, string? file)
    {
        if (file is null || !File.Exists(file))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(file);
        }
    }

    private async Task AcceptAsync(Socket listener, string bound)
    {
        var told = false;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_closing.Token);
                var full = Interlocked.Increment(ref _accepted) > Options.MaxAcceptedPeers;
                if (full || !TryStart(() => ServeAsync(socket)))
                {
                    _ = Interlocked.Decrement(ref _accepted);
                    socket.Dispose();
                }

                if (full && !told)
                {
                    Report(new ZmqEvent(ZmqEventKind.AcceptFailed, bound, $"{Options.MaxAcceptedPeers} peers are connected already, which is {nameof(ZmqOptions.MaxAcceptedPeers)}"));
                }

                told = full;
            }
            catch (Exception e) when (_closing.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of file descriptors, or the peer was faster at leaving: neither is a reason to stop listening.
                Report(new ZmqEvent(ZmqEventKind.AcceptFailed, bound, e.Message));
                await Task.Delay(s_acceptRetry, Options.TimeProvider, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            var remote = RemoteOf(socket);
            var refusal = TurnAway(socket, remote);
            if (refusal is null)
            {
                (_, refusal) = await RunAsync(socket, NameOf(remote), dialled: false);
            }

            if (refusal is { Reason: var reason } what && _refusals.MayTell(ref reason))
            {
                Report(what with { Reason = reason });
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref _accepted);
        }
    }

    private ZmqEvent? TurnAway(Socket socket, EndPoint? remote)
    {
        if (remote is not IPEndPoint ip || Options.Refuses?.Invoke(ip.Address) is not { } reason)
        {
            return null;
        }

        socket.Dispose();
        return new ZmqEvent(ZmqEventKind.Refused, NameOf(ip), reason);
    }

    private static EndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static string NameOf(EndPoint? remote) => remote switch
    {
        null => "a peer that has gone",
        IPEndPoint ip => $"tcp://{ip}",
        _ => "ipc://",
    };

    private void CloseListeners()
    {
        (Socket Socket, string? File)[] listeners;
        lock (_gate)
        {
            listeners = [.. _listeners];
            _listeners.Clear();
        }

        foreach (var (socket, file) in listeners)
        {
            socket.Dispose();
            if (file is not null)
            {
                File.Delete(file);
            }
        }
    }
}
