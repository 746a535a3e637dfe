using System.Net;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>What arrives on an open port that is not what one hopes for, and peers that come, stall and go.</summary>
public sealed class FaultTests
{
    private static readonly byte[] s_greeting = RawPeer.Greeting;
    private static readonly byte[] s_readyAsPub = RawPeer.Ready("PUB");

    public static TheoryData<string, byte[], string> Garbage => new()
    {
        { "a browser", RawPeer.Ascii("GET / HTTP/1.1\r\n\r\n"), "first byte is 0x47" },
        { "ZMTP 1", [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0], "ZMTP 1" },
        { "ZMTP 2", [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 1], "revision 1" },
        { "CURVE", [.. s_greeting[..12], .. RawPeer.Ascii("CURVE"), .. new byte[47]], "other than NULL" },
        { "a message before READY", [.. s_greeting, 0, 1, 65], "message before READY" },
        { "an endless READY", [.. s_greeting, 6, 0, 0, 0, 0, 0xff, 0, 0, 0], "a command of" },
        { "READY without a type", [.. s_greeting, 4, 6, 5, .. RawPeer.Ascii("READY")], "no Socket-Type" },
        { "READY cut short", [.. s_greeting, 4, 8, 5, .. RawPeer.Ascii("READY"), 11, 65], "cut short" },
        { "a type that does not fit", [.. s_greeting, .. RawPeer.Ready("PUSH")], "cannot talk to a PUSH" },
        { "reserved flags", [.. s_greeting, 0xf0, 0], "reserves" },
    };

    public static TheoryData<string, byte[], string> BrokenTraffic => new()
    {
        { "an endless frame", [2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "a message of more than" },
        { "a length beyond 2^63", [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "beyond 2^63" },
        { "a sum beyond the limit", [1, 200, .. new byte[200], 2, 0, 0, 0, 0, 0x03, 0xff, 0xff, 0x80], "a message of more than" },
        { "a command inside a message", [1, 0, 4, 5, 4, .. RawPeer.Ascii("PING")], "in the middle" },
        { "a command shorter than its name", [4, 1, 9], "shorter than its name" },
        { "an endless command", [6, 0, 0, 0, 0, 0, 0xff, 0, 0], "a command of" },
        { "a PING without time to live", [4, 5, 4, .. RawPeer.Ascii("PING")], "PING without" },
        { "frames without end", [.. Enumerable.Repeat<byte[]>([1, 0], 2000).SelectMany(frame => frame)], "more than 1024 frames" },
        { "an error of its own", [4, 10, 5, .. RawPeer.Ascii("ERROR"), 3, .. RawPeer.Ascii("bad")], "reports an error: bad" },
    };

    [Fact]
    public async Task AddressThatMayNotConnect_IsTurnedAwayUnheard_AndToldOnce()
    {
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add, Refuses = address => address.Equals(IPAddress.Loopback) ? "nobody from here" : null });
        subscriber.Subscribe("");
        var address = subscriber.Bind("tcp://*:0");

        for (var i = 0; i < 3; i++)
        {
            using var peer = await RawPeer.DialAsync(address.Replace("*", "127.0.0.1", StringComparison.Ordinal));
            // Not even a greeting.
            await peer.UntilClosedAsync();
        }

        Assert.Equal("nobody from here", Assert.Single(events.Of(ZmqEventKind.Refused)).Reason);
        Assert.Empty(events.Of(ZmqEventKind.Connected));
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_IsRefusedOnce_AndTheSocketGoesOn(string what, byte[] bytes, string reason)
    {
        Assert.NotEmpty(what);
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add });
        subscriber.Subscribe("");
        var address = subscriber.Bind("tcp://127.0.0.1:0");
        using (var garbage = await RawPeer.DialAsync(address))
        {
            await garbage.SendAsync(bytes);
            await garbage.UntilClosedAsync();
        }

        await using var publisher = await PublisherAsync(address);
        _ = publisher.Send(Bytes("still here"));

        Assert.Equal(["still here"], await subscriber.NextTextAsync());
        Assert.Contains(reason, Assert.Single(events.Of(ZmqEventKind.Refused)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWhoSendGarbage_AreToldOnce()
    {
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add });
        var address = subscriber.Bind("tcp://127.0.0.1:0");

        for (var i = 0; i < 50; i++)
        {
            using var garbage = await RawPeer.DialAsync(address);
            await garbage.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await garbage.UntilClosedAsync();
        }

        _ = await events.FirstAsync(ZmqEventKind.Refused);
        Assert.Single(events.Of(ZmqEventKind.Refused));
    }

    [Theory]
    [MemberData(nameof(BrokenTraffic))]
    public async Task BrokenTraffic_EndsThatConnectionOnly(string what, byte[] bytes, string reason)
    {
        Assert.NotEmpty(what);
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add });
        subscriber.Subscribe("");
        var address = subscriber.Bind("tcp://127.0.0.1:0");
        await using var publisher = await PublisherAsync(address);
        using (var broken = await RawPeer.DialAsync(address))
        {
            await broken.SendAsync(s_greeting);
            await broken.SendAsync(s_readyAsPub);
            await Eventually.DoneAsync(subscriber.WaitForPeersAsync(2));
            await broken.SendAsync(bytes);
            await broken.UntilClosedAsync();
        }

        Assert.Contains(reason, (await events.FirstAsync(ZmqEventKind.Disconnected)).Reason, StringComparison.Ordinal);
        Assert.Empty(events.Of(ZmqEventKind.Refused));
        _ = publisher.Send(Bytes("still here"));
        Assert.Equal(["still here"], await subscriber.NextTextAsync());
    }

    [Fact]
    public async Task ManyBadPeers_LeaveNothingOpen()
    {
        await using var router = new ZmqRouter();
        var address = router.Bind("tcp://127.0.0.1:0");
        for (var i = 0; i < 100; i++)
        {
            using var bad = await RawPeer.DialAsync(address);
            await bad.SendAsync(i % 2 == 0 ? s_greeting : [0x16, 3, 1]);
        }

        await Eventually.TrueAsync(() => router.OpenConnections == 0);
    }

    [Fact]
    public async Task MutatedStreams_EndTheirConnectionAndNothingElse()
    {
        byte[] valid =
        [
            .. s_greeting, .. s_readyAsPub, 4, 10, 9, .. RawPeer.Ascii("SUBSCRIBE"), 4, 7, 4, .. RawPeer.Ascii("PING"), 0, 10,
            1, 3, 107, 118, 64, 0, 2, 1, 2, 2, 0, 0, 0, 0, 0, 0, 1, 0, .. new byte[256],
        ];
        var random = new Random(31);
        await using var subscriber = new ZmqSubscriber(new() { MaxMessageBytes = 1 << 20 });
        subscriber.Subscribe("");
        var address = subscriber.Bind("tcp://127.0.0.1:0");
        for (var round = 0; round < 400; round++)
        {
            var mutated = (byte[])valid.Clone();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            using var peer = await RawPeer.DialAsync(address);
            await peer.SendAsync(mutated[..random.Next(mutated.Length + 1)]);
        }

        await Eventually.TrueAsync(() => subscriber.OpenConnections == 0);
        while (subscriber.TryReceive(out var left))
        {
            left.Dispose();
        }

        await using var publisher = await PublisherAsync(address);
        _ = publisher.Send(Bytes("still here"));
        Assert.Equal(["still here"], await subscriber.NextTextAsync());
    }

    [Fact]
    public async Task HalfGreeting_IsDroppedAtTheHandshakeDeadline()
    {
        var clock = new ManualTimeProvider();
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add, TimeProvider = clock, HandshakeTimeout = TimeSpan.FromSeconds(10), Linger = TimeSpan.Zero });
        using var half = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        await half.SendAsync(s_greeting[..20]);
        // Our greeting came, so the connection is being served and its deadline runs.
        Assert.Equal(RawPeer.Greeting, await half.ReadAsync(64));

        clock.Advance(TimeSpan.FromSeconds(11));
        await half.UntilClosedAsync();

        Assert.Contains("within 10 s", (await events.FirstAsync(ZmqEventKind.Refused)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionWithoutAByte_IsNotWorthAnEvent()
    {
        var events = new EventLog();
        await using var router = new ZmqRouter(new() { OnEvent = events.Add });
        var address = router.Bind("tcp://127.0.0.1:0");
        (await RawPeer.DialAsync(address)).Dispose();

        await using var dealer = new ZmqDealer();
        dealer.Connect(address);
        await Eventually.DoneAsync(router.WaitForPeersAsync(1));

        Assert.Empty(events.Of(ZmqEventKind.Refused));
    }

    [Fact]
    public async Task LongFrameSplitIntoSingleBytes_IsOneMessage()
    {
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("");
        using var slow = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        byte[] body = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        foreach (var value in (byte[])[.. s_greeting, .. s_readyAsPub, 3, 0, 0, 0, 0, 0, 0, 1, 44, .. body, 0, 0])
        {
            await slow.SendAsync([value]);
        }

        var frames = await subscriber.NextAsync();

        Assert.Equal(body, frames[0]);
        Assert.Empty(frames[1]);
    }

    [Fact]
    public async Task SilentPeer_IsPingedAndThenGivenUp()
    {
        var clock = new ManualTimeProvider();
        var events = new EventLog();
        await using var subscriber = new ZmqSubscriber(new() { OnEvent = events.Add, TimeProvider = clock, HeartbeatInterval = TimeSpan.FromSeconds(10), HeartbeatTimeout = TimeSpan.FromSeconds(30), Linger = TimeSpan.Zero });
        using var silent = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        await silent.SendAsync(s_greeting);
        await silent.SendAsync(s_readyAsPub);
        _ = await events.FirstAsync(ZmqEventKind.Connected);
        await Eventually.TrueAsync(() => clock.PendingTimers == 1);
        _ = await silent.ReadAsync(64 + 27);

        clock.Advance(TimeSpan.FromSeconds(10));
        var ping = await silent.ReadAsync(9);
        clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal([4, 7, 4, .. RawPeer.Ascii("PING"), 1, 44], ping);
        Assert.Contains("nothing heard", (await events.FirstAsync(ZmqEventKind.Disconnected)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ping_IsAnsweredWithItsContext()
    {
        await using var subscriber = new ZmqSubscriber(new() { HeartbeatInterval = TimeSpan.Zero });
        using var peer = await RawPeer.DialAsync(subscriber.Bind("tcp://127.0.0.1:0"));
        await peer.SendAsync(s_greeting);
        await peer.SendAsync(s_readyAsPub);
        _ = await peer.ReadAsync(64 + 27);

        await peer.SendAsync([4, 9, 4, .. RawPeer.Ascii("PING"), 0, 100, 7, 8]);

        var pong = await peer.ReadAsync(9);
        Assert.Equal([4, 7, 4, .. RawPeer.Ascii("PONG"), 7, 8], pong);
    }

    [Fact]
    public async Task PeersBeyondTheLimit_AreTurnedAway()
    {
        var events = new EventLog();
        await using var router = new ZmqRouter(new() { OnEvent = events.Add, MaxAcceptedPeers = 1 });
        var address = router.Bind("tcp://127.0.0.1:0");
        using var first = await RawPeer.DialAsync(address);
        Assert.Equal(RawPeer.Greeting, await first.ReadAsync(64));
        using var second = await RawPeer.DialAsync(address);

        await second.UntilClosedAsync();

        Assert.Contains(nameof(ZmqOptions.MaxAcceptedPeers), Assert.Single(events.Of(ZmqEventKind.AcceptFailed)).Reason, StringComparison.Ordinal);
    }

    private static async Task<ZmqPublisher> PublisherAsync(string address)
    {
        var events = new EventLog();
        var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        publisher.Connect(address);
        _ = await events.FirstAsync(ZmqEventKind.Subscribed);
        return publisher;
    }
}
