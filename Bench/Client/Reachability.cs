using System.Net;
using System.Net.Sockets;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Client;

/// <summary>Finds out, before anything is measured, whether there is a server at all.</summary>
internal static class Reachability
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Opens a connection and closes it again, which asks nothing of the server.</summary>
    /// <exception cref="UsageException">Nobody listens; one line says where and why.</exception>
    public static async Task CheckAsync(Target target, CancellationToken stop)
    {
        // A proxy knows names and addresses that this machine does not.
        if (!target.Api.IsLoopback && HttpClient.DefaultProxy.GetProxy(target.Api) is not null)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new DnsEndPoint(target.Api.IdnHost.Trim('[', ']'), target.Api.Port), limit.Token);
        }
        catch (SocketException e)
        {
            throw Unreachable(target, e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Unreachable(target, $"no connection within {s_patience.TotalSeconds} s");
        }
    }

    public static UsageException Unreachable(Target target, string why) =>
        new($"{target.BaseUrl} cannot be reached ({why}); start the server there, or name another with --host and --port or --base-url.");
}
