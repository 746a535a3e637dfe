using System.Buffers.Binary;
using System.Text.Json.Nodes;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>DEALER and ROUTER against the real libzmq, and vLLM's replay dialogue from both ends.</summary>
public sealed class LibzmqDealerRouterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dealer_TalksToLibzmqRouter_WhoeverBinds(bool weBind)
    {
        await using var router = LibzmqPeer.Start("ROUTER");
        await using var dealer = new ZmqDealer(new() { Identity = Bytes("indexer-1") });
        if (weBind)
        {
            await router.ConnectAsync(dealer.Bind("tcp://127.0.0.1:0"));
        }
        else
        {
            dealer.Connect(await router.BindAsync());
        }

        await dealer.SendAsync([Bytes(""), Bytes("question")]);
        Assert.Equal([Bytes("indexer-1"), Bytes(""), Bytes("question")], await router.ReceiveAsync());
        await router.SendAsync(Bytes("indexer-1"), Bytes(""), Bytes("answer"));

        Assert.Equal(["", "answer"], await dealer.NextTextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Router_AnswersEachLibzmqDealer_ByItsIdentity(bool weBind)
    {
        await using var router = new ZmqRouter();
        await using var first = LibzmqPeer.Start("DEALER");
        await using var second = LibzmqPeer.Start("DEALER");
        await first.SetAsync("IDENTITY", Convert.ToHexString(Bytes("one")));
        foreach (var dealer in new[] { first, second })
        {
            if (weBind)
            {
                await dealer.ConnectAsync(router.Bind("tcp://127.0.0.1:0"));
            }
            else
            {
                router.Connect(await dealer.BindAsync());
            }
        }

        await Eventually.DoneAsync(router.WaitForPeersAsync(2));
        await second.SendAsync(Bytes("who am I"));
        using var question = await Eventually.DoneAsync(router.ReceiveAsync().AsTask());

        Assert.Equal(5, question.Peer.RoutingId.Length);
        Assert.Equal(0, question.Peer.RoutingId.Span[0]);
        Assert.Equal(ZmqSendResult.Queued, router.TrySend(question.Peer, Bytes("nobody")));
        Assert.Equal(ZmqSendResult.Queued, router.TrySend((ReadOnlyMemory<byte>)Bytes("one"), Bytes("you are one")));
        Assert.Equal(ZmqSendResult.NoSuchPeer, router.TrySend((ReadOnlyMemory<byte>)Bytes("two"), Bytes("lost")));
        Assert.Equal([Bytes("nobody")], await second.ReceiveAsync());
        Assert.Equal([Bytes("you are one")], await first.ReceiveAsync());
    }

    [Fact]
    public async Task Router_ServesALibzmqReq()
    {
        await using var router = new ZmqRouter();
        await using var req = LibzmqPeer.Start("REQ");
        await req.ConnectAsync(router.Bind("tcp://127.0.0.1:0"));
        await req.SendAsync(Bytes("question"));
        using var question = await Eventually.DoneAsync(router.ReceiveAsync().AsTask());

        Assert.Equal([Bytes(""), Bytes("question")], question.Frames());
        Assert.True(await router.SendAsync(question.Peer, [Bytes(""), Bytes("answer")]));

        Assert.Equal([Bytes("answer")], await req.ReceiveAsync());
    }

    [Theory]
    [InlineData(null, "up to vLLM 0.25")]
    [InlineData("kv@pod@m", "with the topic, vLLM 0.26 and later")]
    public async Task Replay_FromVllmsSide_IsReadByADealer(string? topic, string form)
    {
        Assert.NotEmpty(form);
        await using var engine = LibzmqPeer.Start("ROUTER");
        await using var dealer = new ZmqDealer();
        dealer.Connect(await engine.BindAsync());
        var request = new JsonObject { ["do"] = "serve_replay", ["count"] = 5 };
        if (topic is not null)
        {
            request["topic"] = Convert.ToHexString(Bytes(topic));
        }

        var serving = engine.DoAsync(request);
        var start = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(start, 2);
        await dealer.SendAsync([Bytes(""), start]);

        List<ulong> numbers = [];
        while (true)
        {
            var frames = await dealer.NextAsync();
            if (frames[^1].Length == 0)
            {
                Assert.Equal(ulong.MaxValue, BinaryPrimitives.ReadUInt64BigEndian(frames[^2]));
                break;
            }

            numbers.Add(BinaryPrimitives.ReadUInt64BigEndian(frames[^2]));
        }

        Assert.Equal([2, 3, 4], numbers);
        await serving;
    }

    [Fact]
    public async Task Replay_ServedByOurRouter_IsReadByALibzmqDealer()
    {
        await using var router = new ZmqRouter();
        await using var consumer = LibzmqPeer.Start("DEALER");
        await consumer.ConnectAsync(router.Bind("tcp://127.0.0.1:0"));
        var reading = consumer.DoAsync(new() { ["do"] = "replay", ["start"] = 7 });

        using var request = await Eventually.DoneAsync(router.ReceiveAsync().AsTask());
        Assert.Equal(2, request.FrameCount);
        Assert.Equal(0, request[0].Length);
        for (var number = BinaryPrimitives.ReadUInt64BigEndian(request.Span(1)); number < 10; number++)
        {
            var sequence = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(sequence, number);
            Assert.True(await router.SendAsync(request.Peer, [Bytes(""), Bytes("kv@pod@m"), sequence, Bytes("batch")]));
        }

        Assert.True(await router.SendAsync(request.Peer, [Bytes(""), Bytes(""), new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 }, Bytes("")]));

        Assert.Equal("[7,8,9]", (await reading)["numbers"]!.ToJsonString());
    }
}
