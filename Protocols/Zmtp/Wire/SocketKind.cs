namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>A socket type: its name in READY, the types it talks to, and whether it announces an identity.</summary>
/// <remarks>The table is that of ZMTP 3.1, section "The Socket-Type property".</remarks>
internal sealed record SocketKind(string Name, bool AnnouncesIdentity, params string[] Partners)
{
    public static readonly SocketKind Pub = new("PUB", false, "SUB", "XSUB");
    public static readonly SocketKind Sub = new("SUB", false, "PUB", "XPUB");
    public static readonly SocketKind Dealer = new("DEALER", true, "DEALER", "REP", "ROUTER");
    public static readonly SocketKind Router = new("ROUTER", true, "DEALER", "REQ", "ROUTER");
}
