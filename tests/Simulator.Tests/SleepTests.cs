using System.Net;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Sleep and wake, which vLLM offers in development mode.</summary>
public sealed class SleepTests
{
    private static readonly Dictionary<string, string> s_development = new() { ["VLLM_SERVER_DEV_MODE"] = "1" };

    [Theory]
    [InlineData("level=1", "weights_offloaded")]
    [InlineData("level=2", "discard_all")]
    public async Task Sleep_AbortsWhatRuns_ForgetsTheCache_AndHoldsNewRequestsUntilTheWake(string query, string state)
    {
        await using var program = await SimulatorProcess.StartAsync(s_development, "--enable-sleep-mode", "--enable-prompt-tokens-details", "--inter-token-latency", "20ms");
        var prompt = $$"""{"prompt":"{{new string('x', 400)}}","max_tokens":2}""";
        _ = await program.AskAsync("/v1/completions", prompt);
        var running = program.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":100000,"ignore_eos":true}""");
        await Eventually.TrueAsync(async () => await MetricAsync(program, "vllm:num_requests_running{") == 1);

        Assert.Equal((HttpStatusCode.OK, ""), await program.AskAsync($"/sleep?{query}"));
        Assert.Contains("\"finish_reason\":\"abort\"", (await running).Body, StringComparison.Ordinal);
        Assert.Equal("""{"is_sleeping":true}""", await program.Client.GetStringAsync("/is_sleeping"));
        Assert.Contains($"sleep_state=\"{state}\"}} 1", await program.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("sleep_state=\"awake\"} 0", await program.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        var waiting = program.AskAsync("/v1/completions", prompt);
        await Eventually.TrueAsync(async () => await MetricAsync(program, "vllm:num_requests_waiting{") == 1);
        _ = await program.AskAsync("/wake_up?tags=weights");
        Assert.Equal("""{"is_sleeping":true}""", await program.Client.GetStringAsync("/is_sleeping"));
        Assert.Equal(HttpStatusCode.OK, (await program.AskAsync("/wake_up?tags=kv_cache")).Status);
        Assert.Contains("\"cached_tokens\":0", (await waiting).Body, StringComparison.Ordinal);
        Assert.Equal("""{"is_sleeping":false}""", await program.Client.GetStringAsync("/is_sleeping"));
        Assert.Equal(0, await MetricAsync(program, "vllm:kv_cache_usage_perc{"));
    }

    [Fact]
    public async Task Sleep_ByWait_LetsWhatRunsComeToItsEnd()
    {
        await using var program = await SimulatorProcess.StartAsync(s_development, "--enable-sleep-mode", "--inter-token-latency", "20ms");
        var running = program.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":60,"ignore_eos":true}""");
        await Eventually.TrueAsync(async () => await MetricAsync(program, "vllm:generation_tokens_total{") > 0);

        Assert.Equal(HttpStatusCode.OK, (await program.AskAsync("/sleep?mode=wait")).Status);

        Assert.Equal((0, 0, 60), (await MetricAsync(program, "vllm:num_requests_running{"), await MetricAsync(program, "vllm:num_requests_waiting{"), await MetricAsync(program, "vllm:generation_tokens_total{")));
        Assert.Equal("""{"is_sleeping":true}""", await program.Client.GetStringAsync("/is_sleeping"));
        Assert.Contains("\"finish_reason\":\"length\"", (await running).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Sleep_ByKeep_StopsWhatRuns_AndItGoesOnAfterTheWake(int level)
    {
        // No step ends before the sleep.
        await using var program = await SimulatorProcess.StartAsync(s_development, "--enable-sleep-mode", "--inter-token-latency", "1h");
        var running = program.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":40,"ignore_eos":true}""");
        await Eventually.TrueAsync(async () => await MetricAsync(program, "vllm:generation_tokens_total{") == 1);

        Assert.Equal(HttpStatusCode.OK, (await program.AskAsync($"/sleep?mode=keep&level={level}")).Status);

        Assert.Equal((0, 1, 0), (await MetricAsync(program, "vllm:num_requests_running{"), await MetricAsync(program, "vllm:num_requests_waiting{"), await MetricAsync(program, "vllm:kv_cache_usage_perc{")));
        Assert.False(running.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await program.AskAsync("/admin/config", """{"inter-token-latency":"1ms"}""")).Status);
        _ = await program.AskAsync("/wake_up");
        Assert.Contains("\"finish_reason\":\"length\"", (await running).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wake_WhileASleepWaits_EndsTheWait_AndNothingSleeps()
    {
        await using var program = await SimulatorProcess.StartAsync(s_development, "--enable-sleep-mode", "--inter-token-latency", "1h");
        var running = program.AskAsync("/v1/completions", """{"prompt":"a","max_tokens":40,"ignore_eos":true}""");
        await Eventually.TrueAsync(async () => await MetricAsync(program, "vllm:generation_tokens_total{") == 1);
        var sleep = program.AskAsync("/sleep?mode=wait");
        var waiting = program.AskAsync("/v1/completions", """{"prompt":"b","max_tokens":1}""");
        await Eventually.TrueAsync(async () =>
        {
            // A wake that comes before the sleep changes nothing, so it is repeated.
            _ = await program.AskAsync("/wake_up");
            return sleep.IsCompleted;
        });

        Assert.Equal(HttpStatusCode.OK, (await waiting).Status);
        Assert.Equal("""{"is_sleeping":false}""", await program.Client.GetStringAsync("/is_sleeping"));
        Assert.Equal(1, await MetricAsync(program, "vllm:num_requests_running{"));
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task Sleep_NotEnabledOrWrong_IsRefusedByName()
    {
        await using var off = await SimulatorProcess.StartAsync(s_development);
        await using var on = await SimulatorProcess.StartAsync(s_development, "--enable-sleep-mode");
        await using var production = await RunningSimulator.StartAsync("--enable-sleep-mode");
        using var noPath = await production.PostAsync("/sleep", "{}");

        Assert.Contains("--enable-sleep-mode", (await off.AskAsync("/sleep")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await on.AskAsync("/sleep?level=3")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await on.AskAsync("/sleep?mode=deep")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await on.AskAsync("/wake_up?tags=ears")).Status);
        Assert.Equal(HttpStatusCode.NotFound, noPath.StatusCode);
    }

    private static async Task<double> MetricAsync(SimulatorProcess program, string beginning)
    {
        var line = (await program.Client.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith(beginning, StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
