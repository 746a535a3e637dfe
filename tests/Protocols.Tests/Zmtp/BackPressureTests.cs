using System.Buffers.Binary;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>What happens when one side is slower than the other.</summary>
public sealed class BackPressureTests
{
    // Larger than what the kernel buffers on loopback, so that a reader who does not read is felt.
    private static readonly byte[] s_large = new byte[1 << 20];

    [Fact]
    public async Task SlowSubscriber_LosesWholeMessagesAndIsCounted_WhileTheOthersGetAll()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add, SendHighWaterMark = 4 });
        var address = publisher.Bind("tcp://127.0.0.1:0");
        await using var slow = new ZmqSubscriber(new() { ReceiveHighWaterMark = 1 });
        await using var fast = new ZmqSubscriber();
        slow.Subscribe("");
        fast.Subscribe("");
        slow.Connect(address);
        fast.Connect(address);
        await Eventually.TrueAsync(() => events.Of(ZmqEventKind.Subscribed).Length == 2);

        var sequence = new byte[8];
        ulong sent = 0;
        while (publisher.Dropped == 0 || sent < 20)
        {
            BinaryPrimitives.WriteUInt64BigEndian(sequence, sent);
            _ = publisher.Send(Bytes("t"), sequence, s_large);
            using var message = await Eventually.DoneAsync(fast.ReceiveAsync().AsTask());
            Assert.Equal(sent, BinaryPrimitives.ReadUInt64BigEndian(message.Span(1)));
            sent++;
        }

        long previous = -1;
        for (var i = (long)sent - publisher.Dropped; i > 0; i--)
        {
            using var message = await Eventually.DoneAsync(slow.ReceiveAsync().AsTask());
            var number = (long)BinaryPrimitives.ReadUInt64BigEndian(message.Span(1));
            Assert.True(number > previous);
            Assert.Equal(s_large.Length, message.Span(2).Length);
            previous = number;
        }

        Assert.Equal(publisher.Dropped, events.Of(ZmqEventKind.Subscribed).Sum(e => e.Peer!.Dropped));
    }

    [Fact]
    public async Task SlowLibzmqSubscriber_MissesMessagesButGetsTheRestInOrder()
    {
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add, SendHighWaterMark = 4 });
        await using var slow = LibzmqPeer.Start("SUB");
        await slow.SetAsync("RCVHWM", 1);
        await slow.SubscribeAsync("");
        await slow.ConnectAsync(publisher.Bind("tcp://127.0.0.1:0"));
        _ = await events.FirstAsync(ZmqEventKind.Subscribed);
        var sequence = new byte[8];
        ulong sent = 0;
        while (publisher.Dropped == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(sequence, sent++);
            _ = publisher.Send(Bytes("t"), sequence, s_large);
        }

        var receiving = slow.DoAsync(new() { ["do"] = "receive_numbered", ["count"] = 1_000_000 });
        BinaryPrimitives.WriteUInt64BigEndian(sequence, 999_999);
        await Eventually.TrueAsync(() => publisher.Send(Bytes("t"), sequence) == 1);

        var answer = await receiving;
        Assert.True((bool)answer["rising"]!);
        Assert.InRange((int)answer["seen"]!, 2, (int)sent);
    }

    [Fact]
    public async Task Dealer_WithAFullQueue_WaitsUntilThePeerReads()
    {
        await using var router = new ZmqRouter(new() { ReceiveHighWaterMark = 1 });
        await using var dealer = new ZmqDealer(new() { SendHighWaterMark = 2 });
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        await Eventually.DoneAsync(dealer.WaitForPeersAsync(1));
        var sent = 0;
        while (dealer.TrySend(s_large))
        {
            sent++;
        }

        var waiting = dealer.SendAsync([s_large]).AsTask();
        for (var i = 0; i <= sent; i++)
        {
            using var message = await Eventually.DoneAsync(router.ReceiveAsync().AsTask());
        }

        await Eventually.DoneAsync(waiting);
    }

    [Fact]
    public async Task Router_ReportsAFullPeer_AndSendsToItWhenItReads()
    {
        await using var router = new ZmqRouter(new() { SendHighWaterMark = 2 });
        await using var dealer = new ZmqDealer(new() { Identity = Bytes("me"), ReceiveHighWaterMark = 1 });
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));
        var peer = router.FindPeer(Bytes("me"))!;
        var sent = 0;
        while (router.TrySend(peer, s_large) == ZmqSendResult.Queued)
        {
            sent++;
        }

        var waiting = router.SendAsync(peer, [s_large]).AsTask();
        for (var i = 0; i <= sent; i++)
        {
            using var message = await Eventually.DoneAsync(dealer.ReceiveAsync().AsTask());
        }

        Assert.True(await Eventually.DoneAsync(waiting));
    }

    [Fact]
    public async Task RouterWaitingForAPeerThatLeaves_LearnsThatItIsGone()
    {
        await using var router = new ZmqRouter(new() { SendHighWaterMark = 1, Linger = TimeSpan.Zero });
        var dealer = new ZmqDealer(new() { Identity = Bytes("me"), ReceiveHighWaterMark = 1 });
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));
        var peer = router.FindPeer(Bytes("me"))!;
        Task<bool> waiting;
        do
        {
            waiting = router.SendAsync(peer, [s_large]).AsTask();
        }
        while (waiting.IsCompletedSuccessfully);

        await dealer.DisposeAsync();

        // It may just have found room before the peer left; then the next one learns it.
        _ = await Eventually.DoneAsync(waiting);
        await Eventually.TrueAsync(() => !peer.IsConnected);
        Assert.False(await router.SendAsync(peer, [s_large]));
    }

    [Fact]
    public async Task ByteBound_HoldsWhereFewMessagesAreLarge()
    {
        await using var router = new ZmqRouter(new() { SendBufferBytes = 3 << 20 });
        await using var dealer = new ZmqDealer(new() { Identity = Bytes("me"), ReceiveHighWaterMark = 1 });
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));
        var peer = router.FindPeer(Bytes("me"))!;

        var sent = 0;
        while (router.TrySend(peer, s_large) == ZmqSendResult.Queued)
        {
            sent++;
        }

        Assert.InRange(sent, 2, 100);
    }
}
