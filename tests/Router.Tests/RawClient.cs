using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LlmdAspire.Router.Tests;

/// <summary>A client made of a bare socket, for what an HTTP client would hide: framing and the end of the connection.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    public RawClient(Uri url)
    {
        _client = new TcpClient(url.Host, url.Port);
        _stream = _client.GetStream();
    }

    public Task SendAsync(string body) => SayAsync(
        $"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Sends these bytes and nothing else.</summary>
    public async Task SayAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads until the text received contains this.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var received = new StringBuilder();
        var buffer = new byte[4096];
        while (!received.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await _stream.ReadAsync(buffer);
            Assert.NotEqual(0, count);
            _ = received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return received.ToString();
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The body of a complete chunked response.</summary>
    public static string Unchunk(string response)
    {
        var rest = response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var body = new StringBuilder();
        while (true)
        {
            var line = rest.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(rest[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return body.ToString();
            }

            _ = body.Append(rest, line + 2, size);
            rest = rest[(line + 2 + size + 2)..];
        }
    }

    public void Dispose() => _client.Dispose();
}
