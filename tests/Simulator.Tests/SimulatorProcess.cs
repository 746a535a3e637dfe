using System.Net;
using System.Text;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>The simulator in a process of its own, for what the environment decides and for what ends a process.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private SimulatorProcess(ChildProgram program, Uri url)
    {
        Program = program;
        Client = new HttpClient { BaseAddress = url };
    }

    public ChildProgram Program { get; }

    public HttpClient Client { get; }

    public static async Task<SimulatorProcess> StartAsync(Dictionary<string, string> environment, params string[] args)
    {
        var program = ChildProgram.Start(
            typeof(SimulatorService).Assembly, ["--port", "0", "--time-to-first-token", "1ms", "--inter-token-latency", "100us", .. args], environment);
        return new SimulatorProcess(program, await program.WaitForUrlAsync());
    }

    /// <summary>Posts; the body is JSON, or nothing.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string path, string? json = null)
    {
        using var content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(path, content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Program.DisposeAsync();
    }
}
