using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>Peers that restart, and closing while things are under way.</summary>
public sealed class ReconnectTests
{
    private static readonly ZmqOptions s_quick = new() { ReconnectMinimum = TimeSpan.FromMilliseconds(5), ReconnectMaximum = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task Subscriber_FindsARestartedLibzmqPublisher_AndSubscribesAgain()
    {
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(s_quick with { OnEvent = events.Add });
        subscriber.Subscribe("kv@");
        string address;
        await using (var before = LibzmqPeer.Start("XPUB"))
        {
            address = await before.BindAsync();
            subscriber.Connect(address);
            _ = await before.ReceiveAsync();
        }

        _ = await events.FirstAsync(ZmqEventKind.Disconnected);
        await using var after = LibzmqPeer.Start("XPUB");
        _ = await after.BindAsync(address);
        _ = await after.ReceiveAsync();
        await after.SendAsync(Bytes("kv@"), Bytes("again"));

        Assert.Equal(["kv@", "again"], await subscriber.NextTextAsync());
        Assert.Equal(2, events.Of(ZmqEventKind.Connected).Length);
    }

    [Fact]
    public async Task LibzmqSubscriber_FindsARestartedPublisherOfOurs_OnTheSamePort()
    {
        await using var subscriber = LibzmqPeer.Start("SUB");
        await subscriber.SubscribeAsync("");
        var address = "tcp://127.0.0.1:0";
        for (var start = 0; start < 2; start++)
        {
            var events = new EventLog();
            await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
            var bound = publisher.Bind(address);
            if (start == 0)
            {
                address = bound;
                await subscriber.ConnectAsync(address);
            }

            var receiving = subscriber.ReceiveAsync();
            _ = await events.FirstAsync(ZmqEventKind.Subscribed);
            _ = publisher.Send(Bytes("start"), new[] { (byte)start });

            Assert.Equal([Bytes("start"), [(byte)start]], await receiving);
        }
    }

    [Fact]
    public async Task Connect_BeforeAnybodyListens_ReportsOnceAndConnectsLater()
    {
        var events = new EventLog();
        var port = TestPorts.Free();
        await using var dealer = new ZmqDealer(s_quick with { OnEvent = events.Add });
        dealer.Connect($"tcp://127.0.0.1:{port}");
        _ = await events.FirstAsync(ZmqEventKind.Unreachable);
        var sending = dealer.SendAsync([Bytes("waited")]);

        await using var router = new ZmqRouter();
        _ = router.Bind($"tcp://127.0.0.1:{port}");

        Assert.Equal(["waited"], await router.NextTextAsync());
        await sending;
        _ = Assert.Single(events.Of(ZmqEventKind.Unreachable));
    }

    [Fact]
    public async Task Disconnect_EndsTheConnectionAndStaysAway()
    {
        var events = new EventLog();
        await using var router = new ZmqRouter(new() { OnEvent = events.Add });
        await using var dealer = new ZmqDealer(s_quick);
        var address = router.Bind("tcp://127.0.0.1:0");
        dealer.Connect(address);
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));

        Assert.True(dealer.Disconnect(address));
        await Eventually.TrueAsync(() => router.PeerCount == 0);

        Assert.False(dealer.Disconnect(address));
        _ = Assert.Single(events.Of(ZmqEventKind.Connected));
    }

    [Fact]
    public async Task NewerConnectionWithTheSameIdentity_TakesItOver()
    {
        await using var router = new ZmqRouter();
        var address = router.Bind("tcp://127.0.0.1:0");
        await using var older = new ZmqDealer(s_quick with { Identity = Bytes("me"), ReconnectMinimum = TimeSpan.FromHours(1), ReconnectMaximum = TimeSpan.FromHours(1) });
        older.Connect(address);
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));
        var first = router.FindPeer(Bytes("me"))!;
        await using var newer = new ZmqDealer(s_quick with { Identity = Bytes("me") });
        newer.Connect(address);

        await Eventually.TrueAsync(() => !first.IsConnected);

        Assert.Equal(ZmqSendResult.NoSuchPeer, router.TrySend(first, Bytes("to the old")));
        await Eventually.TrueAsync(() => router.TrySend((ReadOnlyMemory<byte>)Bytes("me"), Bytes("to the new")) == ZmqSendResult.Queued);
        Assert.Equal(["to the new"], await newer.NextTextAsync());
    }

    [Fact]
    public async Task Dispose_SendsWhatWasQueued_AndEndsThoseWhoWait()
    {
        await using var router = new ZmqRouter();
        var dealer = new ZmqDealer(s_quick);
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        await Eventually.DoneAsync(dealer.WaitForPeersAsync(1));
        var receiving = dealer.ReceiveAsync().AsTask();
        for (var i = 0; i < 500; i++)
        {
            Assert.True(dealer.TrySend(Bytes("last words")));
        }

        await dealer.DisposeAsync();

        _ = await Assert.ThrowsAsync<ObjectDisposedException>(() => Eventually.DoneAsync(receiving));
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(["last words"], await router.NextTextAsync());
        }

        _ = Assert.Throws<ObjectDisposedException>(() => dealer.TrySend(Bytes("too late")));
    }

    [Fact]
    public async Task ReadAll_YieldsInOrder_AndEndsWithTheSocket()
    {
        var router = new ZmqRouter();
        await using var dealer = new ZmqDealer(s_quick);
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        for (var i = 0; i < 3; i++)
        {
            await dealer.SendAsync([new[] { (byte)i }]);
        }

        List<byte> seen = [];
        await foreach (var message in router.ReadAllAsync())
        {
            using (message)
            {
                seen.Add(message.Span(0)[0]);
            }

            if (seen.Count == 3)
            {
                await router.DisposeAsync();
            }
        }

        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task Dispose_WhileDiallingAndListening_LeavesNothingRunning()
    {
        var clock = new ManualTimeProvider();
        var socket = new ZmqSubscriber(new() { TimeProvider = clock });
        socket.Connect($"tcp://127.0.0.1:{TestPorts.Free()}");
        _ = socket.Bind("tcp://127.0.0.1:0");

        await Eventually.DoneAsync(socket.DisposeAsync().AsTask());

        await Eventually.TrueAsync(() => clock.PendingTimers == 0);
    }

    [Fact]
    public async Task Receive_Cancelled_LosesNothing()
    {
        await using var router = new ZmqRouter();
        await using var dealer = new ZmqDealer(s_quick);
        dealer.Connect(router.Bind("tcp://127.0.0.1:0"));
        using (var cancel = new CancellationTokenSource())
        {
            var receiving = router.ReceiveAsync(cancel.Token).AsTask();
            await cancel.CancelAsync();
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.DoneAsync(receiving));
        }

        await dealer.SendAsync([Bytes("after")]);

        Assert.Equal(["after"], await router.NextTextAsync());
    }

    [Theory]
    [InlineData(0, 0.0, 50)]
    [InlineData(0, 1.0, 100)]
    [InlineData(3, 0.0, 400)]
    [InlineData(3, 0.5, 600)]
    [InlineData(1000, 1.0, 5000)]
    public void RetryDelay_DoublesUpToItsCeiling_HalfOfItRandom(int failures, double jitter, int expectedMilliseconds)
    {
        var delay = RetryDelay.After(failures, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), jitter);

        Assert.Equal(expectedMilliseconds, delay.TotalMilliseconds);
    }
}
