using System.Buffers.Binary;
using System.Text;

namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>Command bodies: one byte of name length, the name, the data.</summary>
internal static class ZmtpCommand
{
    public static ReadOnlySpan<byte> Ready => "READY"u8;
    public static ReadOnlySpan<byte> Error => "ERROR"u8;
    public static ReadOnlySpan<byte> Subscribe => "SUBSCRIBE"u8;
    public static ReadOnlySpan<byte> Cancel => "CANCEL"u8;
    public static ReadOnlySpan<byte> Ping => "PING"u8;
    public static ReadOnlySpan<byte> Pong => "PONG"u8;

    /// <summary>ZMTP 3.1 allows up to 16 bytes of context after a PING's time to live.</summary>
    public const int MaxPingContext = 16;

    public static byte[] Build(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        var body = new byte[1 + name.Length + data.Length];
        body[0] = (byte)name.Length;
        name.CopyTo(body.AsSpan(1));
        data.CopyTo(body.AsSpan(1 + name.Length));
        return body;
    }

    /// <summary>READY with <c>Socket-Type</c> and, when there is one, <c>Identity</c>.</summary>
    public static byte[] BuildReady(string socketType, ReadOnlySpan<byte> identity, bool withIdentity)
    {
        var type = Encoding.ASCII.GetBytes(socketType);
        var size = PropertySize("Socket-Type"u8, type) + (withIdentity ? PropertySize("Identity"u8, identity) : 0);
        var data = new byte[size];
        var at = WriteProperty(data, "Socket-Type"u8, type);
        if (withIdentity)
        {
            _ = WriteProperty(data.AsSpan(at), "Identity"u8, identity);
        }

        return Build(Ready, data);
    }

    /// <summary>PING with the time after which the peer may give us up, in tenths of a second.</summary>
    public static byte[] BuildPing(TimeSpan timeToLive)
    {
        Span<byte> data = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)Math.Clamp(timeToLive.TotalMilliseconds / 100, 0, ushort.MaxValue));
        return Build(Ping, data);
    }

    /// <summary>ERROR with a reason for the peer's log; reasons hold at most 255 bytes.</summary>
    public static byte[] BuildError(string reason)
    {
        var text = Encoding.ASCII.GetBytes(reason);
        var length = Math.Min(text.Length, byte.MaxValue);
        return Build(Error, [(byte)length, .. text.AsSpan(0, length)]);
    }

    public static void Split(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> data)
    {
        if (body.IsEmpty || body.Length < 1 + body[0])
        {
            throw new ZmtpProtocolException("a command is shorter than its name");
        }

        name = body.Slice(1, body[0]);
        data = body[(1 + body[0])..];
    }

    private static int PropertySize(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => 1 + name.Length + 4 + value.Length;

    private static int WriteProperty(Span<byte> destination, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        destination[0] = (byte)name.Length;
        name.CopyTo(destination[1..]);
        BinaryPrimitives.WriteInt32BigEndian(destination[(1 + name.Length)..], value.Length);
        value.CopyTo(destination[(5 + name.Length)..]);
        return PropertySize(name, value);
    }
}
