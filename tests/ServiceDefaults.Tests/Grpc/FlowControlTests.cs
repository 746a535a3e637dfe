using System.Text;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>A side that does not read holds back the other one, and nobody else.</summary>
public sealed class FlowControlTests
{
    private const int MessageSize = 64 * 1024;
    private const int Messages = 2000;

    // Windows, pipes and socket buffers of both sides together; the whole stream has 125 MiB.
    private const int MostInFlight = 24 * 1024 * 1024;

    [Fact]
    public async Task ClientThatDoesNotRead_HoldsBackTheServer_AndMemoryStaysFlat()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        await OthersAreServedAsync(channel);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var call = channel.Start(EchoService.Flood);
        await call.WriteAsync(Encoding.ASCII.GetBytes($"{Messages}"));
        await call.CompleteAsync();
        Assert.True(await call.MoveNextAsync());

        await OthersAreServedAsync(channel);

        Assert.InRange(server.Echo.Flooded, 0, MostInFlight);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostInFlight);
        var received = 1;
        while (await call.MoveNextAsync())
        {
            received++;
        }

        Assert.Equal(Messages, received);
    }

    [Fact]
    public async Task ServerThatDoesNotRead_HoldsBackTheClient_AndMemoryStaysFlat()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        await OthersAreServedAsync(channel);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var call = channel.Start(EchoService.Ignore);
        var written = 0L;
        var writing = WriteAllAsync();
        await Eventually.DoneAsync(server.Echo.Waiting.Task);

        await OthersAreServedAsync(channel);

        Assert.InRange(Interlocked.Read(ref written), 0, MostInFlight);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostInFlight);
        server.Echo.Read.SetResult();
        Assert.True(await call.MoveNextAsync());
        Assert.Equal($"{(long)Messages * MessageSize}", Encoding.ASCII.GetString(call.Current));
        await writing;

        async Task WriteAllAsync()
        {
            var message = new byte[MessageSize];
            for (var i = 0; i < Messages; i++)
            {
                await call.WriteAsync(message);
                _ = Interlocked.Add(ref written, MessageSize);
            }

            await call.CompleteAsync();
        }
    }

    // Other calls on the same connection go on; meanwhile a sender that is not held back would be far ahead.
    private static async Task OthersAreServedAsync(GrpcChannel channel)
    {
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal([1], await Eventually.DoneAsync(channel.UnaryAsync(EchoService.Unary, [1])));
        }
    }
}
