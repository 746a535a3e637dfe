using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmdAspire.Tests.Shared;

/// <summary>An engine made of bare sockets: a test decides which bytes are sent and where the connection breaks.</summary>
/// <remarks>Answers <c>/health</c>, <c>/v1/models</c> and <c>/metrics</c> by itself; each other request goes to the script.</remarks>
public sealed class ScriptedSocketEngine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly Func<ScriptedConnection, Task> _script;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="script">Called for each request with its connection; a connection is reused until the script closes it.</param>
    public ScriptedSocketEngine(Func<ScriptedConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>The script gets a request once its head is here; its body is left unread, and <see cref="ScriptedConnection.Body"/> is empty.</summary>
    public bool LeavesBodies { get; init; }

    /// <summary>Requests that reached the script.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Dies as a killed process does: the port is closed and every connection is reset.</summary>
    public void Kill()
    {
        _stop.Cancel();
        _listener.Stop();
        lock (_sockets)
        {
            foreach (var socket in _sockets)
            {
                ScriptedConnection.Reset(socket);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                lock (_sockets)
                {
                    _sockets.Add(socket);
                }

                _ = ServeAsync(socket);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Killed: while it waited, or before it asked again.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ScriptedConnection.ReadAsync(socket, stream, LeavesBodies) is { } connection)
            {
                if (connection.Path == "/health")
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
                else if (connection.Path == "/v1/models")
                {
                    const string Models = """{"object":"list","data":[{"id":"test-model","object":"model"}]}""";
                    await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Models.Length}\r\n\r\n{Models}");
                }
                else if (connection.Path == "/metrics")
                {
                    await connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                }
                else
                {
                    Interlocked.Increment(ref _requests);
                    await _script(connection);
                }
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // The script or the peer broke the connection, which is what this engine is for.
        }
    }
}

/// <summary>One request on a bare socket, and the means to answer it well or badly.</summary>
public sealed class ScriptedConnection
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private ScriptedConnection(Socket socket, NetworkStream stream, string head, string body)
    {
        _socket = socket;
        _stream = stream;
        Head = head;
        Body = body;
        Path = head.Split(' ')[1];
    }

    /// <summary>Request line and headers.</summary>
    public string Head { get; }

    public string Body { get; }

    public string Path { get; }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends the headers of an answer in chunks.</summary>
    public Task SendChunkedHeadersAsync(string contentType = "text/event-stream") =>
        SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n");

    public Task SendChunkAsync(string text) =>
        SendAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    public Task EndChunksAsync() => SendAsync("0\r\n\r\n");

    /// <summary>Breaks the connection with a TCP reset.</summary>
    public void Reset() => Reset(_socket);

    /// <summary>Closes the connection in good order.</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Completes when the peer closes its side or breaks the connection.</summary>
    public async Task WaitForPeerToLeaveAsync()
    {
        try
        {
            while (await _stream.ReadAsync(new byte[256]) > 0)
            {
                // Whatever still comes does not matter.
            }
        }
        catch (IOException)
        {
            // A reset is a way to leave.
        }
    }

    internal static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }

    internal static async Task<ScriptedConnection?> ReadAsync(Socket socket, NetworkStream stream, bool leaveBody)
    {
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        var headEnd = -1;
        while (headEnd < 0)
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                return null;
            }

            received.AddRange(buffer.AsSpan(0, count));
            headEnd = Encoding.Latin1.GetString([.. received]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
        }

        var head = Encoding.Latin1.GetString([.. received], 0, headEnd);
        if (leaveBody)
        {
            return new ScriptedConnection(socket, stream, head, body: "");
        }

        var length = head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture))
            .FirstOrDefault();
        while (received.Count < headEnd + 4 + length)
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                return null;
            }

            received.AddRange(buffer.AsSpan(0, count));
        }

        return new ScriptedConnection(socket, stream, head, Encoding.UTF8.GetString([.. received], headEnd + 4, length));
    }
}
