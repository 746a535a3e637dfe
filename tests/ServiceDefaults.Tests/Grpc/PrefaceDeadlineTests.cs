using System.Buffers;
using System.IO.Pipelines;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Connections;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

public sealed class PrefaceDeadlineTests
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    [Theory]
    [InlineData("")]
    [InlineData("PRI * HTTP/2.0\r\n\r\n")]
    [InlineData("\u007f\u0003too short")]
    public async Task WhoSaysTooLittle_IsDropped(string said)
    {
        var (connection, client) = Connect();
        await SayAsync(client, said);
        var ran = false;

        await Eventually.DoneAsync(PrefaceDeadline.RunAsync(connection, _ =>
        {
            ran = true;
            return Task.CompletedTask;
        }, TimeSpan.FromMilliseconds(1)));

        Assert.False(ran);
    }

    [Theory]
    [InlineData(Preface, "")]
    [InlineData("PRI * ", "HTTP/2.0\r\n\r\nSM\r\n\r\n and more")]
    [InlineData("GET / HTTP/1.1\r\n", "")]
    [InlineData("four and twenty", " or more bytes of noise")]
    public async Task WhoSaysEnough_IsReadFromTheFirstByte(string first, string second)
    {
        var (connection, client) = Connect();
        var received = new TaskCompletionSource<string>();

        var running = PrefaceDeadline.RunAsync(connection, async context =>
        {
            var read = await context.Transport.Input.ReadAsync();
            received.SetResult(System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray()));
        }, Eventually.Timeout);
        await SayAsync(client, first);
        await SayAsync(client, second);

        await Eventually.DoneAsync(running);
        Assert.StartsWith(first, await received.Task, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoBreaksTheConnection_IsNoFailure()
    {
        var (connection, client) = Connect();
        await client.Output.CompleteAsync(new ConnectionResetException("gone"));

        await Eventually.DoneAsync(PrefaceDeadline.RunAsync(connection, _ => throw new InvalidOperationException("must not run"), Eventually.Timeout));
    }

    private static (DefaultConnectionContext Connection, IDuplexPipe Client) Connect()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var connection = new DefaultConnectionContext("test", new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer));
        return (connection, connection.Application!);
    }

    private static async Task SayAsync(IDuplexPipe client, string text) => await client.Output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text));

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
