using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>How a sender of garbage goes on after its first bytes.</summary>
internal enum GarbageEnd
{
    /// <summary>Says that nothing more comes.</summary>
    HalfClose,

    /// <summary>Says nothing more and waits.</summary>
    Silence,

    /// <summary>Sends the last piece again and again.</summary>
    Endless,
}

/// <summary>Bytes that the port they are sent to should not like, and how the sender goes on.</summary>
internal sealed record Garbage(string Name, byte[] Bytes, GarbageEnd End = GarbageEnd.HalfClose)
{
    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    // An empty SETTINGS frame.
    private static readonly byte[] s_settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    private static readonly byte[] s_more = [.. Enumerable.Repeat((byte)'x', 16 * 1024)];

    // HPACK: POST http, path and content type written out.
    private static readonly byte[] s_call =
        [0x83, 0x86, 0x04, .. Text("/envoy.service.ext_proc.v3.ExternalProcessor/Process"), 0x0f, 0x10, .. Text("application/grpc")];

    /// <summary>Every kind; each goes to every port, so most speak the wrong protocol.</summary>
    public static IReadOnlyList<Garbage> All { get; } =
    [
        .. Enumerable.Range(1, 3).Select(seed => new Garbage($"random bytes {seed}", Noise(seed, 4096))),
        new("nothing", []),

        new("half a ZMTP greeting, then silence", Greeting("NULL")[..20], GarbageEnd.Silence),
        new("a ZMTP greeting of another mechanism", Greeting("PLAIN")),
        new("a ZMTP 2.0 greeting", [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 2, 0, 0]),
        new("a ZMTP peer that nobody talks to", [.. Greeting("NULL"), .. Ready("PAIR")]),
        new("a ZMTP handshake of 4 GiB", [.. Greeting("NULL"), 6, 0, 0, 0, 1, 0, 0, 0, 0]),
        new("a ZMTP subscriber with a frame of 2^62 bytes", [.. Greeting("NULL"), .. Ready("SUB"), 2, 0x40, 0, 0, 0, 0, 0, 0, 0]),
        new("a ZMTP dealer with a frame of 2^62 bytes", [.. Greeting("NULL"), .. Ready("DEALER"), 2, 0x40, 0, 0, 0, 0, 0, 0, 0]),
        new("a ZMTP dealer with a replay request of noise", [.. Greeting("NULL"), .. Ready("DEALER"), 1, 3, 1, 2, 3, 0, 4, 9, 9, 9, 9]),

        new("an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray()),
        new("half an HTTP header, then silence", "GET /health HTTP/1.1\r\nHost: x\r\nX-Half: "u8.ToArray(), GarbageEnd.Silence),
        new("an endless HTTP header", "GET /health HTTP/1.1\r\nHost: x\r\nX-Long: "u8.ToArray(), GarbageEnd.Endless),
        new("an HTTP body of 2^63 bytes", Post("Content-Length: 9223372036854775807")),
        new("an HTTP body of negative length", Post("Content-Length: -1")),
        new("an HTTP chunk of 2^64 bytes", [.. Post("Transfer-Encoding: chunked"), .. "FFFFFFFFFFFFFFFF\r\n"u8]),
        new("an HTTP body that stalls", [.. Post("Content-Length: 100"), .. "{"u8], GarbageEnd.Silence),
        new("an HTTP body of noise", [.. Post("Content-Length: 4096"), .. Noise(4, 4096)]),

        new("half an HTTP/2 preface, then silence", s_preface[..18], GarbageEnd.Silence),
        new("a wrong HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"u8.ToArray()),
        new("an HTTP/2 frame of 16 MiB", [.. s_preface, 0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0]),
        new("HTTP/2 frames of noise", [.. s_preface, .. s_settings, .. Noise(5, 4096)]),
        new("HTTP/2 headers of noise", [.. s_preface, .. s_settings, .. Frame(1, flags: 5, Noise(6, 200))]),
        new("HTTP/2 streams opened and reset", [.. s_preface, .. s_settings, .. Enumerable.Range(0, 500).SelectMany(OpenAndReset)]),
        new("a gRPC message of 4 GiB", [.. s_preface, .. s_settings, .. Frame(1, flags: 4, s_call), .. Frame(0, flags: 1, [0, 0xff, 0xff, 0xff, 0xff])]),
        new("a gRPC message of noise", [.. s_preface, .. s_settings, .. Frame(1, flags: 4, s_call), .. Frame(0, flags: 1, [0, 0, 0, 0, 64, .. Noise(7, 64)])]),

        new("a TLS hello", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. Noise(8, 505)]),
    ];

    /// <summary>Sends it and reads until the other side closes.</summary>
    /// <returns>The first bytes of what came back.</returns>
    public async Task<string> SendAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(to, cancellationToken);
        var heard = "";
        try
        {
            await socket.SendAsync(Bytes, cancellationToken);
            while (End == GarbageEnd.Endless)
            {
                await socket.SendAsync(s_more, cancellationToken);
            }

            if (End == GarbageEnd.HalfClose)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // Refused while we spoke; perhaps it says why.
        }

        try
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                heard = heard.Length > 0 ? heard : Encoding.Latin1.GetString(buffer, 0, Math.Min(count, 64));
            }
        }
        catch (SocketException)
        {
            // A reset is a refusal too.
        }

        return heard;
    }

    private static byte[] Noise(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Greeting(string mechanism)
    {
        var greeting = new byte[64];
        greeting[0] = 0xff;
        greeting[9] = 0x7f;
        greeting[10] = 3;
        greeting[11] = 1;
        Encoding.ASCII.GetBytes(mechanism, greeting.AsSpan(12));
        return greeting;
    }

    private static byte[] Ready(string socketType)
    {
        byte[] body = [5, .. "READY"u8, .. Text("Socket-Type"), 0, 0, 0, .. Text(socketType)];
        return [4, (byte)body.Length, .. body];
    }

    private static byte[] Post(string header) =>
        Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{header}\r\n\r\n");

    private static byte[] Frame(byte type, byte flags, byte[] payload, int stream = 1) =>
        [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, (byte)(stream >> 8), (byte)stream, .. payload];

    private static byte[] OpenAndReset(int index) =>
        [.. Frame(1, flags: 4, s_call, (2 * index) + 1), .. Frame(3, flags: 0, [0, 0, 0, 8], (2 * index) + 1)];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
