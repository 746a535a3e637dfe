using System.Net;
using System.Net.Sockets;
using LlmdAspire.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.Router.Endpoints;

/// <summary>The second port, on which only metrics and health are served.</summary>
internal static class MetricsListener
{
    private static readonly string[] s_paths = ["/metrics", "/health", "/alive", "/liveness", "/readiness", "/version"];

    /// <summary>Listens on an address other than the main one.</summary>
    /// <exception cref="UsageException">The address is none of ours or the port is taken.</exception>
    public static void Listen(KestrelServerOptions server, string host, int port)
    {
        if (!IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out var address))
        {
            throw new UsageException($"--prometheus-host is '{host}'; it must be an IP address or localhost.");
        }

        var endpoint = new IPEndPoint(address, port);
        using (var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                socket.Bind(endpoint);
            }
            catch (SocketException taken)
            {
                var reason = taken.SocketErrorCode == SocketError.AddressAlreadyInUse ? "is already in use" : $"cannot be used ({taken.SocketErrorCode})";
                throw new UsageException($"port {port} on {host} {reason}; choose another with --prometheus-port, 0 for none.");
            }
        }

        server.Listen(endpoint);
    }

    /// <summary>Answers 404 on the metrics port to everything that is not metrics or health.</summary>
    public static void KeepRequestsOut(WebApplication app, int port)
    {
        if (port == 0)
        {
            return;
        }

        _ = app.Use(next => context =>
        {
            if (context.Connection.LocalPort != port || s_paths.Contains(context.Request.Path.Value))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
