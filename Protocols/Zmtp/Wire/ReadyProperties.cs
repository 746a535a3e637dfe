using System.Buffers.Binary;
using System.Text;

namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>What a peer says of itself in READY. Names are case-insensitive; properties we do not use are passed over.</summary>
internal sealed record ReadyProperties(string SocketType, byte[] Identity)
{
    public static ReadyProperties Read(ReadOnlySpan<byte> data)
    {
        string? socketType = null;
        byte[] identity = [];
        while (!data.IsEmpty)
        {
            var nameLength = data[0];
            if (data.Length < 5 + nameLength)
            {
                throw new ZmtpProtocolException("a property of READY is cut short");
            }

            var name = data.Slice(1, nameLength);
            var valueLength = BinaryPrimitives.ReadUInt32BigEndian(data[(1 + nameLength)..]);
            data = data[(5 + nameLength)..];
            if (valueLength > data.Length)
            {
                throw new ZmtpProtocolException("a property of READY is longer than the command");
            }

            var value = data[..(int)valueLength];
            data = data[(int)valueLength..];
            if (Ascii.EqualsIgnoreCase(name, "Socket-Type"u8))
            {
                socketType = Encoding.ASCII.GetString(value);
            }
            else if (Ascii.EqualsIgnoreCase(name, "Identity"u8))
            {
                identity = value.ToArray();
            }
        }

        if (identity.Length > byte.MaxValue)
        {
            throw new ZmtpProtocolException("the identity is longer than 255 bytes");
        }

        return new ReadyProperties(socketType ?? throw new ZmtpProtocolException("READY names no Socket-Type"), identity);
    }
}
