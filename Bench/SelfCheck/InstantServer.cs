using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmdAspire.Bench.SelfCheck;

/// <summary>A server that answers every request at once with the same stream, so that what is measured is the client.</summary>
internal sealed class InstantServer : IAsyncDisposable
{
    private const int RequestBytes = 64 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[][] _answer;
    private readonly Task _accepting;

    /// <param name="tokens">Events with a token in an answer.</param>
    /// <param name="eventsPerWrite">How many of them are sent in one piece.</param>
    public InstantServer(int tokens, int eventsPerWrite)
    {
        _answer = Answer(tokens, eventsPerWrite);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        socket.NoDelay = true;
        var buffer = new byte[RequestBytes];
        try
        {
            while (await ReadRequestAsync(socket, buffer) is { } path)
            {
                if (path != "/v1/completions")
                {
                    await socket.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                    continue;
                }

                foreach (var piece in _answer)
                {
                    await socket.SendAsync(piece);
                }
            }
        }
        catch (SocketException)
        {
            // The client left.
        }
    }

    // Reads one request and passes over its body. Returns its path, or null when the client is done.
    private static async Task<string?> ReadRequestAsync(Socket socket, byte[] buffer)
    {
        var filled = 0;
        int head;
        while ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (filled == buffer.Length || await socket.ReceiveAsync(buffer.AsMemory(filled)) is not (> 0 and var count))
            {
                return null;
            }

            filled += count;
        }

        var left = head + 4 + ContentLength(buffer.AsSpan(0, head)) - filled;
        while (left > 0)
        {
            if (await socket.ReceiveAsync(buffer.AsMemory(head + 4)) is not (> 0 and var count))
            {
                return null;
            }

            left -= count;
        }

        var line = buffer.AsSpan(0, head);
        line = line[(line.IndexOf((byte)' ') + 1)..];
        return Encoding.ASCII.GetString(line[..line.IndexOf((byte)' ')]);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }

    private static byte[][] Answer(int tokens, int eventsPerWrite)
    {
        const string Beginning = """data: {"id":"cmpl-0","object":"text_completion","created":1700000000,"model":"instant","choices":[{"index":0,"text":" word","logprobs":null,"finish_reason":""";
        var events = Enumerable.Range(1, tokens)
            .Select(i => $$"""{{Beginning}}{{(i == tokens ? "\"length\"" : "null")}},"stop_reason":null}],"usage":null}""" + "\n\n")
            .Append($$$"""data: {"id":"cmpl-0","object":"text_completion","created":1700000000,"model":"instant","choices":[],"usage":{"prompt_tokens":16,"total_tokens":{{{tokens + 16}}},"completion_tokens":{{{tokens}}}}}""" + "\n\n")
            .Append("data: [DONE]\n\n");
        byte[][] pieces = [.. events.Chunk(eventsPerWrite).Select(chunk => Encoding.ASCII.GetBytes(string.Concat(chunk.Select(HttpChunk))))];
        pieces[0] = [.. "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. pieces[0]];
        pieces[^1] = [.. pieces[^1], .. "0\r\n\r\n"u8];
        return pieces;
    }

    // An event is a chunk of its own, as engines send it.
    private static string HttpChunk(string text) => $"{text.Length:x}\r\n{text}\r\n";
}
