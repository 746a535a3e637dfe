using System.Text.Json.Nodes;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Simulator.Tests;

/// <summary>What flags make of the hardware profile.</summary>
public sealed class ProfileTests
{
    [Fact]
    public async Task WithoutLatencies_TheModelsProfileDecides()
    {
        await using var simulator = await RunningSimulator.StartWithProfileAsync("--model", "Qwen/Qwen3-0.6B");
        var config = JsonNode.Parse(await simulator.Client.GetStringAsync("/admin/config"))!;

        Assert.Equal("qwen3-0.6b-h100", (string?)config["profile"]);
        Assert.Equal((8192, 1024), (simulator.Engine.Options.MaxBatchedTokens, simulator.Engine.Options.MaxSequences));
    }

    [Fact]
    public async Task Deployment_ChangesBlocksAndTimes()
    {
        var one = await BlocksAsync();

        Assert.InRange(await BlocksAsync("--kv-cache-dtype", "fp8"), 2 * one, (2 * one) + 1);
        Assert.True(await BlocksAsync("--tensor-parallel-size", "2") > 2 * one);
        Assert.True(await BlocksAsync("--quantization", "fp8") > one);
        Assert.True(await BlocksAsync("--gpu-memory-utilization", "0.5") < one);
        Assert.Equal(77, await BlocksAsync("--num-gpu-blocks-override", "77"));
    }

    [Fact]
    public async Task Prefix_ThatIsCached_SavesItsTime()
    {
        await using var simulator = await RunningSimulator.StartWithProfileAsync("--time-scale", "20");
        var body = new JsonObject { ["prompt"] = new JsonArray([.. Enumerable.Range(0, 8000).Select(id => JsonValue.Create(id))]), ["max_tokens"] = 1 };
        _ = await simulator.AskAsync("/v1/completions", body.DeepClone().AsObject());
        var cold = await simulator.TotalAsync("vllm:request_prefill_time_seconds_sum");
        _ = await simulator.AskAsync("/v1/completions", body.DeepClone().AsObject());
        var warm = await simulator.TotalAsync("vllm:request_prefill_time_seconds_sum") - cold;

        Assert.InRange(warm / cold, 0, 0.2);
        Assert.Equal(2, await simulator.TotalAsync("vllm:iteration_tokens_total_count"));
        Assert.Equal(8000 + 16 + 2, await simulator.TotalAsync("vllm:iteration_tokens_total_sum"));
    }

    [Fact]
    public async Task AdminConfig_GivesLatenciesInsteadOfTheProfile()
    {
        await using var simulator = await RunningSimulator.StartWithProfileAsync();
        var copies = await simulator.AskAsync("/admin/config", """{"kv-cache-transfer-latency":"7ms"}""");
        Assert.Equal(("llama31-8b-h100", "7ms"), ((string?)copies["profile"], (string?)copies["kv-cache-transfer-latency"]));
        _ = Assert.IsType<HardwareTiming>(simulator.Engine.Timing);

        var idle = await simulator.AskAsync("/admin/config", """{"time-factor-under-load":2}""");
        Assert.Contains("profile llama31-8b-h100", (string?)idle["error"]!["message"], StringComparison.Ordinal);
        var wide = await simulator.AskAsync("/admin/config", """{"inter-token-latency":10,"inter-token-latency-std-dev":4}""");
        Assert.Contains("30 %", (string?)wide["error"]!["message"], StringComparison.Ordinal);
        _ = Assert.IsType<HardwareTiming>(simulator.Engine.Timing);

        var given = await simulator.AskAsync("/admin/config", """{"inter-token-latency":3,"time-factor-under-load":2}""");
        Assert.Null(given["profile"]);
        Assert.Equal(("3ms", "0ms", 2d), ((string?)given["inter-token-latency"], (string?)given["time-to-first-token"], (double)given["time-factor-under-load"]!));

        var other = await simulator.AskAsync("/admin/config", """{"profile":"qwen3-0.6b-h100"}""");
        Assert.Contains("profile can only be llama31-8b-h100", (string?)other["error"]!["message"], StringComparison.Ordinal);
        var both = await simulator.AskAsync("/admin/config", """{"profile":"llama31-8b-h100","inter-token-latency":3}""");
        Assert.Contains("profile and inter-token-latency exclude each other", (string?)both["error"]!["message"], StringComparison.Ordinal);
        _ = Assert.IsType<Latencies>(simulator.Engine.Timing);

        var back = await simulator.AskAsync("/admin/config", """{"profile":"llama31-8b-h100"}""");
        Assert.Equal(("llama31-8b-h100", "7ms"), ((string?)back["profile"], (string?)back["kv-cache-transfer-latency"]));
        _ = Assert.IsType<HardwareTiming>(simulator.Engine.Timing);
    }

    [Fact]
    public async Task LatencyCalculator_TakesOneKindOnly()
    {
        await using var simulator = await RunningSimulator.StartWithProfileAsync(
            "--latency-calculator", "per-token", "--time-to-first-token", "1h", "--prefill-overhead", "1", "--prefill-time-per-token", "0.01");

        Assert.Equal("length", (string?)(await simulator.AskAsync("/v1/completions", """{"prompt":"x","max_tokens":2}"""))["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Profile_OfAFile_IsTaken_OrAllItsMistakesAreNamed()
    {
        var path = Path.Combine(Path.GetTempPath(), $"profile-{Guid.NewGuid():n}.json");
        try
        {
            await using (var own = typeof(HardwareTiming).Assembly.GetManifestResourceStream("Profiles.llama32-3b-l4.json")!)
            await using (var file = File.Create(path))
            {
                await own.CopyToAsync(file);
            }

            await using (var simulator = await RunningSimulator.StartWithProfileAsync("--profile", path))
            {
                Assert.Equal((Path.GetFileNameWithoutExtension(path), 2048), (simulator.Engine.Profile, simulator.Engine.Options.MaxBatchedTokens));
            }

            await File.WriteAllTextAsync(path, """{"description":"mine","gpu":5}""");
            var wrong = await Assert.ThrowsAsync<UsageException>(() => RunningSimulator.StartWithProfileAsync("--profile", path));
            var line = Assert.Single(wrong.Mistakes);
            Assert.All(new[] { "--profile", "model must be an object", "gpu must be an object" }, part => Assert.Contains(part, line, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<int> BlocksAsync(params string[] args)
    {
        await using var simulator = await RunningSimulator.StartWithProfileAsync(args);
        return simulator.Engine.Options.Blocks;
    }
}
