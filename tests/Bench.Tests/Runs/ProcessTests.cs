using System.Globalization;
using System.Text.Json;
using LlmdAspire.Bench.Verbs;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>The program as a process against the simulator as a process.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Serve_MeasuresTheSimulator_WithExactlyTheTokensAsked()
    {
        await using var engine = StartEngine("--inter-token-latency", "200us", "--api-key", "secret");
        var url = await engine.WaitForUrlAsync();
        using var folder = new TempFolder();

        await using var bench = StartBench(
            ["serve", "--host", "127.0.0.1", "--port", Text(url.Port), "--backend", "vllm", "--endpoint", "/v1/completions", "--model", "meta-llama/Llama-3.1-8B-Instruct",
            "--dataset-name", "random", "--num-prompts", "20", "--random-input-len", "200", "--random-output-len", "30", "--max-concurrency", "8", "--ignore-eos",
            "--save-result", "--result-filename", folder.At("result.json"), "--trust-remote-code", "--tokenizer-mode", "auto"],
            new Dictionary<string, string> { ["OPENAI_API_KEY"] = "secret" });

        Assert.Equal(0, await bench.WaitForExitAsync());
        Assert.Equal("bench: ignored, because they change nothing here: --trust-remote-code, --tokenizer-mode", Assert.Single(bench.Errors));
        Assert.Contains("============ Serving Benchmark Result ============", bench.Output);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.At("result.json")));
        Assert.Equal(20, json.RootElement.GetProperty("completed").GetInt32());
        // As the simulator counted them.
        Assert.Equal(20 * 200, json.RootElement.GetProperty("total_input_tokens").GetInt32());
        Assert.Equal(20 * 30, json.RootElement.GetProperty("total_output_tokens").GetInt32());
    }

    [Fact]
    public async Task ServerWithAKey_RefusesThoseWithout()
    {
        await using var engine = StartEngine("--api-key", "secret");
        var url = await engine.WaitForUrlAsync();

        await using var bench = StartBench(["serve", "--port", Text(url.Port), "--model", "m", "--num-prompts", "1"]);

        Assert.Equal(1, await bench.WaitForExitAsync());
        Assert.Contains("Error 0: Unauthorized", bench.Output);
    }

    [Fact]
    public async Task CtrlC_GivesTheFiguresSoFar_And130()
    {
        await using var engine = StartEngine("--inter-token-latency", "5ms", "--max-num-seqs", "2");
        var url = await engine.WaitForUrlAsync();
        using var client = new HttpClient { BaseAddress = url };

        await using var bench = StartBench(
            ["serve", "--port", Text(url.Port), "--num-prompts", "10000", "--random-input-len", "8", "--random-output-len", "20", "--max-concurrency", "2", "--metric-percentiles", "50"]);
        await Eventually.TrueAsync(async () => (await client.GetStringAsync("/metrics")).Split('\n').Any(line =>
            line.StartsWith("vllm:request_success_total", StringComparison.Ordinal) && double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) >= 4));
        await bench.SignalAsync("INT");

        Assert.Equal(130, await bench.WaitForExitAsync());
        var ended = bench.Output.Single(line => line.StartsWith("Successful requests:", StringComparison.Ordinal)).Split(':')[1].Trim();
        Assert.InRange(int.Parse(ended, CultureInfo.InvariantCulture), 1, 9999);
        Assert.Equal($"bench: interrupted; the figures are those of {ended} of 10000 requests.", Assert.Single(bench.Errors));
    }

    [Fact]
    public async Task SelfCheck_MeasuresItself()
    {
        await using var bench = StartBench(["self-check", "--requests", "200", "--streams", "10", "--tokens", "20"]);

        Assert.Equal(0, await bench.WaitForExitAsync());
        Assert.Contains("(200 requests", bench.Output[0], StringComparison.Ordinal);
        Assert.Contains("(10 requests", bench.Output[1], StringComparison.Ordinal);
    }

    private static ChildProgram StartEngine(params string[] args) =>
        ChildProgram.Start(typeof(SimulatorFlags).Assembly, ["--port", "0", "--time-to-first-token", "2ms", .. args]);

    private static ChildProgram StartBench(string[] args, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProgram.Start(typeof(BenchProgram).Assembly, args, environment);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
