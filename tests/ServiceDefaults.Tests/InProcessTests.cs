using System.Net;
using LlmdAspire.ServiceDefaults.Tests.Tiny;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests;

public sealed class InProcessTests
{
    [Fact]
    public async Task StartAsync_WrongFlag_ThrowsTheLineThatAProcessPrints()
    {
        var mistake = await Assert.ThrowsAsync<UsageException>(() => new TinyService().StartAsync(["--size", "0"]));

        Assert.Equal("tiny-service: --size is '0'; it must be at least 1.", mistake.Message);
    }

    [Fact]
    public async Task StartAsync_BusyPort_ThrowsTheLineThatAProcessPrints()
    {
        using var taken = TestPorts.Take();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var mistake = await Assert.ThrowsAsync<UsageException>(() => new TinyService().StartAsync(["--port", $"{port}"]));

        Assert.Equal($"tiny-service: port {port} on 127.0.0.1 is already in use; choose another with --port.", mistake.Message);
    }

    [Fact]
    public async Task StartAsync_TwoPortsThatAreTheSame_SaysSo()
    {
        var port = TestPorts.Free();

        var mistake = await Assert.ThrowsAsync<UsageException>(() => new TinyService().StartAsync(["--port", $"{port}", "--second-port", $"{port}"]));

        Assert.Contains($"port {port} is wanted by --port and --second-port; give each a port of its own.", mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    public async Task StartAsync_AnyHost_GivesAUsableUrl(string host)
    {
        await using var tiny = await new TinyService().StartAsync(["--host", host, "--port", "0"]);
        using var client = new HttpClient();

        Assert.Equal("Hello you", await client.GetStringAsync(new Uri(tiny.Url, "/hello/you")));
    }

    [Fact]
    public async Task DisposeAsync_FreesThePort()
    {
        var first = await new TinyService().StartAsync([]);
        var port = first.Url.Port;
        await first.DisposeAsync();

        await using var second = await new TinyService().StartAsync(["--port", $"{port}"]);

        Assert.Equal(port, second.Url.Port);
    }
}
