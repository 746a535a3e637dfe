using System.Buffers.Binary;
using System.Security.Cryptography;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>SUB and PUB against the real libzmq, each as the side that binds and as the side that connects.</summary>
public sealed class LibzmqPublishSubscribeTests
{
    [Fact]
    public async Task Subscriber_ConnectingToLibzmq_ReceivesItsPrefixOnly()
    {
        await using var publisher = LibzmqPeer.Start("XPUB");
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("kv@");
        subscriber.Connect(await publisher.BindAsync());
        Assert.Equal("\u0001kv@", System.Text.Encoding.UTF8.GetString((await publisher.ReceiveAsync())[0]));

        await publisher.SendAsync(Bytes("other"), Bytes("no"));
        await publisher.SendAsync(Bytes("kv@pod@model"), Bytes("yes"));

        Assert.Equal(["kv@pod@model", "yes"], await subscriber.NextTextAsync());
    }

    [Fact]
    public async Task Subscriber_BoundForLibzmqThatConnects_ReceivesFromEachPublisher()
    {
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("");
        var address = subscriber.Bind("tcp://127.0.0.1:0");
        foreach (var name in new[] { "first", "second" })
        {
            await using var publisher = LibzmqPeer.Start("XPUB");
            await publisher.ConnectAsync(address);
            _ = await publisher.ReceiveAsync();

            await publisher.SendAsync(Bytes(name), Bytes("batch"));

            Assert.Equal([name, "batch"], await subscriber.NextTextAsync());
        }
    }

    [Fact]
    public async Task Subscriber_TakingAPrefixBack_TellsLibzmq()
    {
        await using var publisher = LibzmqPeer.Start("XPUB");
        await using var subscriber = new ZmqSubscriber();
        subscriber.Connect(await publisher.BindAsync());
        await Eventually.DoneAsync(subscriber.WaitForPeersAsync(1));

        subscriber.Subscribe("a");
        subscriber.Unsubscribe("a");

        Assert.Equal([1, (byte)'a'], (await publisher.ReceiveAsync())[0]);
        Assert.Equal([0, (byte)'a'], (await publisher.ReceiveAsync())[0]);
    }

    [Fact]
    public async Task Publisher_Bound_SendsLibzmqWhatItSubscribedTo()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        await using var subscriber = LibzmqPeer.Start("SUB");
        await subscriber.SubscribeAsync("kv@");
        await subscriber.ConnectAsync(publisher.Bind("tcp://127.0.0.1:0"));
        Assert.Equal("kv@", (await events.FirstAsync(ZmqEventKind.Subscribed)).Reason);

        Assert.Equal(0, publisher.Send(Bytes("other"), Bytes("no")));
        Assert.Equal(1, publisher.Send(Bytes("kv@pod"), Bytes("yes")));

        Assert.Equal([Bytes("kv@pod"), Bytes("yes")], await subscriber.ReceiveAsync());
    }

    [Fact]
    public async Task Publisher_ConnectingToLibzmq_SendsToTheBoundSubscriber()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        await using var subscriber = LibzmqPeer.Start("SUB");
        await subscriber.SubscribeAsync("");
        publisher.Connect(await subscriber.BindAsync());
        // libzmq sends a bound socket's subscriptions only while its owner is inside a call.
        var receiving = subscriber.ReceiveAsync();
        _ = await events.FirstAsync(ZmqEventKind.Subscribed);

        _ = publisher.Send(Bytes(""), Bytes("yes"));

        Assert.Equal([Bytes(""), Bytes("yes")], await receiving);
    }

    [Fact]
    public async Task Publisher_ServingOverIpc_ReachesLibzmq()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "libzmq has no ipc on Windows.");
        var file = Path.Combine(Path.GetTempPath(), $"zmtp-{Guid.NewGuid():n}");
        var events = new EventLog();
        await using (var publisher = new ZmqPublisher(new() { OnEvent = events.Add }))
        {
            await using var subscriber = LibzmqPeer.Start("SUB");
            await subscriber.SubscribeAsync("");
            await subscriber.ConnectAsync(publisher.Bind($"ipc://{file}"));
            _ = await events.FirstAsync(ZmqEventKind.Subscribed);

            _ = publisher.Send(Bytes("over a file"));

            Assert.Equal([Bytes("over a file")], await subscriber.ReceiveAsync());
        }

        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Subscriber_GetsVllmsFrames_Exactly()
    {
        await using var publisher = LibzmqPeer.Start("XPUB");
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("");
        subscriber.Connect(await publisher.BindAsync());
        _ = await publisher.ReceiveAsync();
        var sequence = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(sequence, 4711);

        await publisher.SendAsync(Bytes("kv@10.0.0.5:8000@m"), sequence, [0x93, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x00]);

        using var message = await Eventually.DoneAsync(subscriber.ReceiveAsync().AsTask());
        Assert.Equal(3, message.FrameCount);
        Assert.Equal(Bytes("kv@10.0.0.5:8000@m"), message[0].ToArray());
        Assert.Equal(4711u, BinaryPrimitives.ReadUInt64BigEndian(message.Span(1)));
        Assert.Equal([0x93, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x00], message[2].ToArray());
        Assert.Equal("XPUB", message.Peer.SocketType);
    }

    [Fact]
    public async Task HundredThousandSmallMessages_FromLibzmq_ArriveInOrder()
    {
        await using var publisher = LibzmqPeer.Start("XPUB");
        // This test is about order, not about overload: the sender may queue all of it.
        await publisher.SetAsync("SNDHWM", 0);
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("");
        subscriber.Connect(await publisher.BindAsync());
        _ = await publisher.ReceiveAsync();

        var sending = publisher.DoAsync(new() { ["do"] = "send_numbered", ["count"] = 100_000, ["frames"] = LibzmqPeer.Hex(Bytes("kv@"), Bytes("payload")) });
        for (ulong expected = 0; expected < 100_000; expected++)
        {
            using var message = await Eventually.DoneAsync(subscriber.ReceiveAsync().AsTask());
            Assert.Equal(expected, BinaryPrimitives.ReadUInt64BigEndian(message.Span(1)));
        }

        await sending;
    }

    [Fact]
    public async Task HundredThousandSmallMessages_ToLibzmq_ArriveInOrder()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add, SendHighWaterMark = 200_000 });
        await using var subscriber = LibzmqPeer.Start("SUB");
        await subscriber.SetAsync("RCVHWM", 0);
        await subscriber.SubscribeAsync("");
        await subscriber.ConnectAsync(publisher.Bind("tcp://127.0.0.1:0"));
        _ = await events.FirstAsync(ZmqEventKind.Subscribed);

        var receiving = subscriber.DoAsync(new() { ["do"] = "receive_numbered", ["count"] = 100_000 });
        var sequence = new byte[8];
        for (ulong i = 0; i < 100_000; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(sequence, i);
            _ = publisher.Send("kv@"u8.ToArray(), sequence, "payload"u8.ToArray());
        }

        var answer = await receiving;
        Assert.Equal(100_000, (int)answer["seen"]!);
        Assert.True((bool)answer["rising"]!);
        Assert.Equal(0, publisher.Dropped);
    }

    [Fact]
    public async Task LargeMessage_CrossesBothWaysUnharmed()
    {
        var large = new byte[5 << 20];
        new Random(7).NextBytes(large);
        await using var router = LibzmqPeer.Start("DEALER");
        await using var dealer = new ZmqDealer();
        dealer.Connect(await router.BindAsync());
        await dealer.SendAsync([large, Bytes("tail")]);

        var digest = (await router.DoAsync(new() { ["do"] = "receive_digest" }))["frames"]!.AsArray();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(large)), (string)digest[0]!);
        await router.SendAsync(large, Bytes("tail"));

        var back = await dealer.NextAsync();
        Assert.Equal(large, back[0]);
        Assert.Equal(Bytes("tail"), back[1]);
    }
}
