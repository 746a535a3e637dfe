using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>A PUB socket: sends each message to every subscriber that asked for a prefix of its first frame.</summary>
/// <remarks>
/// <see cref="Send"/> never waits. A subscriber that does not read fast enough to keep its queue below the high-water mark loses
/// messages, whole ones, and is counted; the others are not held up.
/// </remarks>
public sealed class ZmqPublisher(ZmqOptions? options = null) : ZmqSocket(SocketKind.Pub, options)
{
    private long _dropped;

    /// <summary>Messages not queued for a subscriber that had asked for them, summed over all subscribers ever connected.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues a message for those who asked for it. The frames may be reused when this returns. Calls from several threads are not ordered among each other.</summary>
    /// <param name="frames">At least one; the first is the topic.</param>
    /// <returns>Subscribers it was queued for.</returns>
    public int Send(params ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Length, nameof(frames));
        var queued = 0;
        foreach (var subscriber in Connections)
        {
            if (!subscriber.Subscriptions.Matches(frames[0].Span))
            {
                continue;
            }

            if (subscriber.TrySend(frames))
            {
                queued++;
            }
            else if (!subscriber.IsClosed)
            {
                subscriber.CountDrop();
                _ = Interlocked.Increment(ref _dropped);
            }
        }

        return queued;
    }

    // Subscribers send subscriptions and nothing else; none needs more than a command may have.
    internal override int MaxIncomingBytes => Math.Min(Options.MaxMessageBytes, ZmqConnection.MaxCommandBytes);

    /// <summary>Messages here are subscriptions in the form before ZMTP 3.1: one frame, first byte 1 or 0, then the prefix. Others are passed over.</summary>
    internal override bool TryAccept(ZmqConnection connection, ZmqMessage message)
    {
        using (message)
        {
            var body = message.Span(0);
            if (message.FrameCount == 1 && body.Length > 0 && body[0] <= 1)
            {
                OnSubscription(connection, body[1..], subscribe: body[0] == 1);
            }
        }

        return true;
    }

    // Called from the connection's reading loop alone, so the set has one writer.
    internal override void OnSubscription(ZmqConnection connection, ReadOnlySpan<byte> prefix, bool subscribe)
    {
        var changed = subscribe ? connection.Subscriptions.Add(prefix) : connection.Subscriptions.Remove(prefix);
        if (!changed)
        {
            return;
        }

        if (connection.Subscriptions.Prefixes.Length > Options.MaxSubscriptionsPerPeer)
        {
            throw new ZmtpProtocolException($"more than {Options.MaxSubscriptionsPerPeer} subscriptions; raise {nameof(ZmqOptions.MaxSubscriptionsPerPeer)} if that is meant");
        }

        if (Options.OnEvent is not null)
        {
            var text = System.Text.Encoding.UTF8.GetString(prefix);
            Report(new ZmqEvent(subscribe ? ZmqEventKind.Subscribed : ZmqEventKind.Unsubscribed, connection.Address, text, connection.Peer));
        }
    }
}
