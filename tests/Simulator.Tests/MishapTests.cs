using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Injected failures that are no answer: stalls, resets, crashes, slow starts.</summary>
public sealed class MishapTests
{
    private const string Path = "/v1/completions";
    private const string Stream = """{"prompt":"a","max_tokens":50,"stream":true}""";

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Stall_SendsSomeTokensAndThenNothing_UntilTheClientLeaves(int tokens)
    {
        await using var simulator = await StartAsync("stall", tokens);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Stream, System.Text.Encoding.UTF8, "application/json") };
        var sending = simulator.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (tokens > 0)
        {
            using var response = await Eventually.DoneAsync(sending);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (var i = 0; i < tokens; i++)
            {
                Assert.StartsWith("data: {", await Eventually.DoneAsync(reader.ReadLineAsync()), StringComparison.Ordinal);
                _ = await reader.ReadLineAsync();
            }

            // What comes after is a state, not a time: the engine's own counter shows that it went on and that nothing of it was sent.
            var next = reader.ReadLineAsync();
            await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:generation_tokens_total{") > tokens);
            Assert.False(next.IsCompleted);
        }
        else
        {
            await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:generation_tokens_total{") > 0);
            Assert.False(sending.IsCompleted);
            simulator.Client.CancelPendingRequests();
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        await IdleAsync(simulator);
    }

    [Theory]
    [InlineData(Stream)]
    [InlineData("""{"prompt":"a","max_tokens":50}""")]
    [InlineData("""{"input":"a"}""", "/v1/embeddings")]
    public async Task Reset_BreaksTheConnection_AndLeavesTheEngineClean(string body, string path = Path)
    {
        await using var simulator = await StartAsync("reset", 2);
        _ = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await simulator.PostAsync(path, body);
            _ = await response.Content.ReadAsStringAsync();
        });

        await IdleAsync(simulator);
        _ = await simulator.AskAsync("/admin/config", """{"failure-injection-rate":0}""");
        Assert.Null((await simulator.AskAsync(Path, """{"prompt":"a"}"""))["error"]);
    }

    [Fact]
    public async Task Crash_KillsTheProcessWithinTheAnswer()
    {
        await using var program = await SimulatorProcess.StartAsync([], "--failure-injection-rate", "100", "--failure-types", "crash", "--failure-after-tokens", "1");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Stream, System.Text.Encoding.UTF8, "application/json") };
        _ = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await program.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            _ = await response.Content.ReadAsStringAsync();
        });

        Assert.Equal(137, await program.Program.WaitForExitAsync());
    }

    [Fact]
    public async Task Failures_AreSwitchedWhileRunning_AndAWrongValueChangesNothing()
    {
        await using var simulator = await RunningSimulator.StartAsync();
        var config = await simulator.AskAsync("/admin/config", """{"failure-injection-rate":100,"failure-types":["server_error"],"failure-after-tokens":4,"startup-duration":"1h"}""");
        using var loading = await simulator.Client.GetAsync("/health");
        var wrong = await simulator.AskAsync("/admin/config", """{"startup-duration":"0","failure-after-tokens":-1}""");
        using var still = await simulator.Client.GetAsync("/health");
        _ = await simulator.AskAsync("/admin/config", """{"startup-duration":0}""");
        using var loaded = await simulator.Client.GetAsync("/health");
        using var failed = await simulator.PostAsync(Path, """{"prompt":"a"}""");

        Assert.Equal(4, (int)config["failure-after-tokens"]!);
        Assert.Equal("failure-after-tokens", (string?)wrong["error"]!["param"]);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable),
            (loading.StatusCode, still.StatusCode, loaded.StatusCode, failed.StatusCode));
    }

    private static Task<RunningSimulator> StartAsync(string kind, int after) => RunningSimulator.StartAsync(
        "--failure-injection-rate", "100", "--failure-types", kind, "--failure-after-tokens", after.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static async Task IdleAsync(RunningSimulator simulator)
    {
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") == 0);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
    }
}
