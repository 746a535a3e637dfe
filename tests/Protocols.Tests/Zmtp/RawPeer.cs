using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>A peer made of bytes: says exactly what a test wants said.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    /// <summary>A greeting of ZMTP 3.1 with NULL; the byte at 11 is the minor version.</summary>
    public static byte[] Greeting { get; } = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, .. Ascii("NULL"), .. new byte[48]];

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>READY with the socket type alone.</summary>
    public static byte[] Ready(string type) => [4, (byte)(22 + type.Length), 5, .. Ascii("READY"), 11, .. Ascii("Socket-Type"), 0, 0, 0, (byte)type.Length, .. Ascii(type)];

    public static async Task<RawPeer> DialAsync(string address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(address["tcp://".Length..]));
        return new RawPeer(socket);
    }

    public async Task SendAsync(params byte[][] parts) => await socket.SendAsync(parts.SelectMany(part => part).ToArray());

    /// <summary>The next so many bytes; fewer when the other side closes first.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var buffer = new byte[count];
        var have = 0;
        while (have < count)
        {
            var received = await Eventually.DoneAsync(socket.ReceiveAsync(buffer.AsMemory(have)).AsTask());
            if (received == 0)
            {
                break;
            }

            have += received;
        }

        return buffer[..have];
    }

    public async Task UntilClosedAsync()
    {
        try
        {
            while ((await ReadAsync(1)).Length > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Closed with our bytes unread, which TCP calls a reset.
        }
    }

    public void Dispose() => socket.Dispose();
}
