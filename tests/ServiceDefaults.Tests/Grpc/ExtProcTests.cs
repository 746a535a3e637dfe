using System.Buffers;
using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>Envoy's exchange in full duplex, with bodies as large as prompts get.</summary>
public sealed class ExtProcTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(62_000)]
    [InlineData(62_001)]
    [InlineData(3 * 1024 * 1024)]
    public async Task Body_ComesBackWhole_BehindTheHeaders(int length)
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        using var call = channel.Start(ExternalProcessor.Process);
        var body = new byte[length];
        new Random(length).NextBytes(body);

        var sending = SendAsync(call, body);
        Assert.True(await call.MoveNextAsync());
        var first = call.Current;
        var received = new ArrayBufferWriter<byte>();
        do
        {
            Assert.True(await call.MoveNextAsync());
            Assert.Equal((ProcessingStep.RequestBody, BodyMutationKind.Stream), (call.Current.Step, call.Current.Body.Kind));
            received.Write(call.Current.Body.Body.ToArray());
        }
        while (!call.Current.Body.EndOfStream);
        await sending;
        await call.CompleteAsync();

        Assert.False(await call.MoveNextAsync());
        Assert.Equal(ProcessingStep.RequestHeaders, first.Step);
        Assert.Equal("POST", first.Headers!.Set[0].Header.Text);
        Assert.Equal("10.0.0.1:8000", first.DynamicMetadata!["envoy.lb"]!["x-gateway-destination-endpoint"]!.Text);
        Assert.True(body.AsSpan().SequenceEqual(received.WrittenSpan));
    }

    [Fact]
    public async Task GooglesClient_SpeaksIt()
    {
        if (PythonGrpc.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        await using var server = await GrpcServer.StartAsync();
        await using var client = PythonGrpc.Start(Path.Combine(Folder(), "peer_envoy.py"), $"{server.Port}", Path.Combine(Folder(), "..", "..", "Protocols.Tests", "Grpc", "ExtProc"));

        _ = await client.WaitForLineAsync("held");
    }

    private static async Task SendAsync(GrpcCall<ProcessingRequest, ProcessingResponse> call, byte[] body)
    {
        await call.WriteAsync(
            new ProcessingRequest
            {
                Step = ProcessingStep.RequestHeaders,
                Headers = new EnvoyHeaders([new EnvoyHeader(":method", "POST"), new EnvoyHeader(":path", "/v1/completions")]),
                Protocol = new ProtocolConfiguration(BodySendMode.FullDuplexStreamed, BodySendMode.FullDuplexStreamed, SendsBodyEarly: true),
            },
            more: true);
        var rest = new ReadOnlySequence<byte>(body);
        do
        {
            var piece = rest.Slice(0, Math.Min(rest.Length, 64 * 1024));
            rest = rest.Slice(piece.Length);
            await call.WriteAsync(new ProcessingRequest { Step = ProcessingStep.RequestBody, Body = piece, EndOfStream = rest.IsEmpty }, more: !rest.IsEmpty);
        }
        while (!rest.IsEmpty);
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}
