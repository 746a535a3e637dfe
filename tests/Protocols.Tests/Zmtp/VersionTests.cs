using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>What differs between peers of ZMTP 3.0 (libzmq 4.0 to 4.3.2) and 3.1.</summary>
public sealed class VersionTests
{
    private static readonly byte[] s_greeting30 = [.. RawPeer.Greeting[..11], 0, .. RawPeer.Greeting[12..]];

    [Fact]
    public async Task SubscriberToA30Publisher_SubscribesByMessage()
    {
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("kv@");
        using var publisher = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        await publisher.SendAsync(s_greeting30, RawPeer.Ready("PUB"));

        _ = await publisher.ReadAsync(64 + 27);

        Assert.Equal([0, 4, 1, .. RawPeer.Ascii("kv@")], await publisher.ReadAsync(6));
    }

    [Fact]
    public async Task SubscriberToA31Publisher_SubscribesByCommand()
    {
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("kv@");
        using var publisher = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        await publisher.SendAsync(RawPeer.Greeting, RawPeer.Ready("PUB"));

        _ = await publisher.ReadAsync(64 + 27);

        Assert.Equal([4, 13, 9, .. RawPeer.Ascii("SUBSCRIBEkv@")], await publisher.ReadAsync(15));
    }

    [Fact]
    public async Task Publisher_TakesSubscriptionsInBothForms()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        using var subscriber = await RawPeer.DialAsync(publisher.Bind("tcp://127.0.0.1:0"));
        await subscriber.SendAsync(s_greeting30, RawPeer.Ready("SUB"), [0, 2, 1, 65], [4, 11, 9, .. RawPeer.Ascii("SUBSCRIBEB")], [0, 2, 0, 65], [4, 8, 6, .. RawPeer.Ascii("CANCELB")]);

        await Eventually.TrueAsync(() => events.Of(ZmqEventKind.Unsubscribed).Length == 2);

        Assert.Equal(["A", "B"], events.Of(ZmqEventKind.Subscribed).Select(e => e.Reason));
        Assert.Equal(0, publisher.Send(Bytes("A")));
    }

    [Fact]
    public async Task LongCommandFrame_IsACommandToo()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        using var subscriber = await RawPeer.DialAsync(publisher.Bind("tcp://127.0.0.1:0"));
        byte[] topic = [.. Enumerable.Repeat((byte)'t', 300)];

        await subscriber.SendAsync(RawPeer.Greeting, RawPeer.Ready("SUB"), [6, 0, 0, 0, 0, 0, 0, 1, 54, 9], RawPeer.Ascii("SUBSCRIBE"), topic);

        Assert.Equal(300, (await events.FirstAsync(ZmqEventKind.Subscribed)).Reason.Length);
        Assert.Equal(1, publisher.Send(topic));
    }

    [Fact]
    public async Task TooManySubscriptions_EndTheConnection()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add, MaxSubscriptionsPerPeer = 2 });
        using var greedy = await RawPeer.DialAsync(publisher.Bind("tcp://127.0.0.1:0"));

        await greedy.SendAsync(RawPeer.Greeting, RawPeer.Ready("SUB"), [0, 2, 1, 65], [0, 2, 1, 66], [0, 2, 1, 67]);

        Assert.Contains(nameof(ZmqOptions.MaxSubscriptionsPerPeer), (await events.FirstAsync(ZmqEventKind.Disconnected)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Libzmq_AnswersOurPings()
    {
        var clock = new ManualTimeProvider();
        var events = new EventLog();
        await using var publisher = LibzmqPeer.Start("XPUB");
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add, TimeProvider = clock, Linger = TimeSpan.Zero });
        subscriber.Connect(await publisher.BindAsync());
        var connection = (await events.FirstAsync(ZmqEventKind.Connected)).Peer!.Connection;

        // Ten beats are more than three times the silence that is allowed.
        for (var beat = 0; beat < 10; beat++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Eventually.TrueAsync(() => connection.Silence == TimeSpan.Zero);
        }

        Assert.False(connection.IsClosed);
    }
}
