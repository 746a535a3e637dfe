namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>
/// The first 64 bytes each side sends (ZMTP 3.1, section "Version negotiation"):
/// <c>ff, 8 bytes, 7f | major, minor | mechanism, 20 bytes padded with zeros | as-server | 31 zeros</c>.
/// </summary>
internal static class ZmtpGreeting
{
    public const int Size = 64;
    private const int MajorOffset = 10;
    private const int MinorOffset = 11;
    private const int MechanismOffset = 12;
    private const int MechanismSize = 20;

    /// <summary>Our greeting: version 3.1, mechanism NULL, not a server.</summary>
    public static ReadOnlyMemory<byte> Ours { get; } = Build();

    /// <summary>Why the peer cannot be spoken to, judged from as many of its bytes as there are; null as long as all is well.</summary>
    /// <remarks>Judging early answers a browser or a port scanner at its first byte, instead of waiting for 64 that never come.</remarks>
    public static string? Refuse(ReadOnlySpan<byte> soFar)
    {
        if (soFar.Length > 0 && soFar[0] != 0xff)
        {
            return $"the first byte is 0x{soFar[0]:x2} where a ZMTP greeting has 0xff; is the peer a ZeroMQ socket?";
        }

        // Bit 0 of byte 9 tells ZMTP 2 and later from the length-prefixed version 1.
        if (soFar.Length > 9 && (soFar[9] & 1) == 0)
        {
            return "the peer speaks ZMTP 1; version 3.0 or later is needed (libzmq 4)";
        }

        if (soFar.Length > MajorOffset && soFar[MajorOffset] < 3)
        {
            return $"the peer speaks ZMTP revision {soFar[MajorOffset]}; version 3.0 or later is needed (libzmq 4)";
        }

        if (soFar.Length >= MechanismOffset + MechanismSize && !soFar.Slice(MechanismOffset, MechanismSize).SequenceEqual(Ours.Span.Slice(MechanismOffset, MechanismSize)))
        {
            return "the peer asks for a security mechanism other than NULL; switch PLAIN, CURVE or GSSAPI off there";
        }

        return null;
    }

    /// <summary>True for a peer of version 3.1 or later: it takes subscriptions as commands and answers PING.</summary>
    public static bool SpeaksCommands(ReadOnlySpan<byte> greeting) => greeting[MajorOffset] > 3 || greeting[MinorOffset] >= 1;

    private static byte[] Build()
    {
        var greeting = new byte[Size];
        greeting[0] = 0xff;
        greeting[9] = 0x7f;
        greeting[MajorOffset] = 3;
        greeting[MinorOffset] = 1;
        "NULL"u8.CopyTo(greeting.AsSpan(MechanismOffset));
        return greeting;
    }
}
