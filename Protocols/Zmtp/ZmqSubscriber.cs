using System.Text;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>A SUB socket: receives what the publishers it connects to, or who connect to it, send under the prefixes it asked for.</summary>
/// <remarks>
/// Nothing arrives before the first <see cref="Subscribe(string)"/>; the empty prefix asks for everything. Subscriptions are repeated on every
/// reconnect. What was published while disconnected is lost, as with any SUB; the sequence number of KV events shows it.
/// </remarks>
public sealed class ZmqSubscriber(ZmqOptions? options = null) : ZmqReceiver(SocketKind.Sub, options)
{
    private readonly SubscriptionSet _wanted = new();

    /// <summary>Asks for messages whose first frame begins with these characters in UTF-8.</summary>
    public void Subscribe(string prefix) => Subscribe(Encoding.UTF8.GetBytes(prefix));

    /// <summary>Asks for messages whose first frame begins with these bytes.</summary>
    public void Subscribe(ReadOnlySpan<byte> prefix) => Change(prefix.ToArray(), subscribe: true);

    /// <summary>Takes a prefix back; asked for twice, it must be taken back twice.</summary>
    public void Unsubscribe(string prefix) => Unsubscribe(Encoding.UTF8.GetBytes(prefix));

    /// <summary>Takes a prefix back; asked for twice, it must be taken back twice.</summary>
    public void Unsubscribe(ReadOnlySpan<byte> prefix) => Change(prefix.ToArray(), subscribe: false);

    internal override bool TryAccept(ZmqConnection connection, ZmqMessage message)
    {
        // The publisher filters; this catches what was under way when a prefix was taken back.
        if (_wanted.Matches(message.Span(0)))
        {
            return base.TryAccept(connection, message);
        }

        message.Dispose();
        return true;
    }

    private protected override void OnJoined(ZmqConnection connection)
    {
        foreach (var prefix in _wanted.Prefixes)
        {
            connection.SendSubscription(prefix, subscribe: true);
        }
    }

    private void Change(byte[] prefix, bool subscribe) => WithPeers(peers =>
    {
        if (subscribe ? !_wanted.Add(prefix) : !_wanted.Remove(prefix))
        {
            return;
        }

        foreach (var peer in peers)
        {
            peer.SendSubscription(prefix, subscribe);
        }
    });
}
