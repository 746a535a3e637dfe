using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.Health;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>Our server as Google's own client sees it; what each scenario demands stands in peer_client.py.</summary>
public sealed class PythonClientTests
{
    [Theory]
    [InlineData("echo")]
    [InlineData("metadata")]
    [InlineData("duplex")]
    [InlineData("ping_pong")]
    [InlineData("large")]
    [InlineData("too_large")]
    [InlineData("status")]
    [InlineData("unknown")]
    [InlineData("compressed")]
    [InlineData("concurrent")]
    public async Task Scenario_Holds(string scenario)
    {
        SkipWithoutPython();
        await using var server = await GrpcServer.StartAsync();

        await HoldsAsync(server, scenario);
    }

    [Theory]
    [InlineData("deadline")]
    [InlineData("cancel")]
    public async Task EndingACallEarly_CancelsItsHandler(string scenario)
    {
        SkipWithoutPython();
        await using var server = await GrpcServer.StartAsync();

        await HoldsAsync(server, scenario);

        await Eventually.DoneAsync(server.Echo.Cancelled.Task);
    }

    [Fact]
    public async Task ClientThatDies_CancelsTheHandler()
    {
        SkipWithoutPython();
        await using var server = await GrpcServer.StartAsync();
        await using var client = PythonGrpc.Start(Script(), $"{server.Port}", "hang");
        await Eventually.DoneAsync(server.Echo.Waiting.Task);

        await client.SignalAsync("KILL");

        await Eventually.DoneAsync(server.Echo.Cancelled.Task);
        Assert.Empty(server.Log.All);
    }

    [Fact]
    public async Task Health_IsCheckedAndWatched()
    {
        SkipWithoutPython();
        await using var server = await GrpcServer.StartAsync();
        server.Health[""] = ServingStatus.Serving;
        server.Health["down"] = ServingStatus.NotServing;
        await using var client = PythonGrpc.Start(Script(), $"{server.Port}", "health");

        _ = await client.WaitForLineAsync("watching");
        server.Health["later"] = ServingStatus.Serving;

        _ = await client.WaitForLineAsync("held");
    }

    [Fact]
    public async Task Tls_IsSpokenToo()
    {
        SkipWithoutPython();
        await using var server = await GrpcServer.StartAsync();
        var certificate = Path.Combine(Path.GetTempPath(), $"llmd-{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(certificate, server.CertificatePem);
        try
        {
            await using var client = PythonGrpc.Start(Script(), $"{server.Tls.Port}", "duplex", certificate);

            _ = await client.WaitForLineAsync("held");
        }
        finally
        {
            File.Delete(certificate);
        }
    }

    private static void SkipWithoutPython()
    {
        if (PythonGrpc.Missing is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static async Task HoldsAsync(GrpcServer server, string scenario)
    {
        await using var client = PythonGrpc.Start(Script(), $"{server.Port}", scenario);

        _ = await client.WaitForLineAsync("held");
    }

    private static string Script([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "peer_client.py");
}
