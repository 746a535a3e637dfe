using System.Net;
using System.Net.Sockets;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>What a gRPC port does with everything that is not gRPC.</summary>
public sealed class GrpcPortTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    public async Task OtherContentTypes_Get415(string? contentType)
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);

        using var response = await http.PostAsync("/test.Echo/Unary", contentType, [0, 0, 0, 0, 0]);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    [InlineData("Application/GRPC")]
    public async Task SpellingsOfGrpc_AreAccepted(string contentType)
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);

        using var response = await http.PostAsync("/test.Echo/Unary", contentType, [0, 0, 0, 0, 1, 9]);

        Assert.Equal([0, 0, 0, 0, 1, 9], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task HttpPaths_AreNotServedOnTheGrpcPort_NorGrpcOnTheHttpPort()
    {
        await using var server = await GrpcServer.StartAsync();
        using var http2 = new RawHttp2(server.Plain);
        using var http = new HttpClient();

        using var health = await http2.GetAsync("/health");
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = new("application/grpc");
        using var grpc = await http.PostAsync(new Uri(server.Http, "/test.Echo/Unary"), content);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, health.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, grpc.StatusCode);
        Assert.Equal("ok", await http.GetStringAsync(new Uri(server.Http, "/health")));
    }

    [Fact]
    public async Task OrdinaryHttp_IsRefusedWithAReason()
    {
        await using var server = await GrpcServer.StartAsync();

        var answer = await SayAsync(server.Plain, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), thenNothing: false);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Empty(server.Log.All);
    }

    [Fact]
    public async Task Garbage_IsDisconnected_LeavesNoTraceInTheLog_AndHarmsNobody()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        using var secure = new GrpcChannel(server.Tls, new GrpcChannelOptions { AcceptAnyCertificate = true });
        using var open = channel.Start(EchoService.Duplex);
        await open.WriteAsync([1]);
        Assert.True(await open.MoveNextAsync());
        var random = new Random(40);
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

        for (var round = 0; round < 60; round++)
        {
            var noise = new byte[random.Next(1, 5000)];
            random.NextBytes(noise);
            // Every third time behind a valid beginning, where noise is taken for frames.
            _ = await SayAsync(round % 2 == 0 ? server.Plain : server.Tls, round % 3 == 0 ? [.. preface, .. noise] : noise);
        }

        Assert.Empty(server.Log.All);
        await open.WriteAsync([2]);
        Assert.True(await open.MoveNextAsync());
        Assert.Equal([3], await channel.UnaryAsync(EchoService.Unary, [3]));
        Assert.Equal([4], await secure.UnaryAsync(EchoService.Unary, [4]));
    }

    [Fact]
    public async Task GarbageInsideACall_EndsThatCallOnly()
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);
        var random = new Random(41);

        for (var round = 0; round < 200; round++)
        {
            var body = new byte[random.Next(0, 200)];
            random.NextBytes(body);
            using var response = await http.PostAsync(round % 2 == 0 ? "/test.Echo/Unary" : "/test.Echo/Duplex", "application/grpc", body);
            _ = await response.Content.ReadAsByteArrayAsync();
            Assert.True(response.Headers.Contains("grpc-status") || response.TrailingHeaders.Contains("grpc-status"));
        }

        Assert.Empty(server.Log.All);
    }

    // Sends bytes, says that no more follow unless the server is to find out by itself, and reads what comes until it hangs up.
    private static async Task<string> SayAsync(Uri address, byte[] bytes, bool thenNothing = true)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(bytes);
            if (thenNothing)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            await Eventually.DoneAsync(stream.CopyToAsync(answer));
        }
        catch (IOException)
        {
            // Hung up on while still talking: as good an answer as any.
        }

        return System.Text.Encoding.ASCII.GetString(answer.ToArray());
    }
}
