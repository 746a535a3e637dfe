using System.Text.Json;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>Exact bytes at exact times on a real socket: table and JSON are what the definitions say, as Python computed them (Golden/definitions.py).</summary>
public sealed class ScriptedServerTests
{
    private const string Usage = """data: {"choices":[],"usage":{"prompt_tokens":PROMPT,"total_tokens":0,"completion_tokens":OUTPUT}}""" + "\n\n";

    [Fact]
    public async Task Serve_GivesTheTableAndTheJsonOfTheDefinitions()
    {
        var clock = new StepClock();
        await using var engine = new ScriptedSocketEngine(new Script(clock).AnswerAsync);
        using var folder = new TempFolder();

        var run = await BenchTool.RunAsync(clock,
            "serve", "--base-url", engine.Url, "--backend", "vllm", "--model", "org/test-model", "--num-prompts", "6", "--random-input-len", "5",
            "--random-output-len", "4", "--max-concurrency", "1", "--percentile-metrics", "e2el,itl,tpot,ttft", "--metric-percentiles", "50,99.9",
            "--goodput", "ttft:200", "e2el:1000", "--metadata", "gpu=none", "--save-result", "--result-dir", folder.Path);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(File.ReadAllText("Golden/table.txt"), TableOf(run.Output));
        Assert.Contains("Error 0: Internal Server Error\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Error 1: The answer held no chunk with choices", run.Output, StringComparison.Ordinal);
        Assert.Contains("Error 2: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("The server said: {\"error\":\"no\"}", run.Output, StringComparison.Ordinal);
        Assert.Equal("WARNING: /tokenize unavailable, skipping alignment.", run.Error.Trim());
        AssertSame(File.ReadAllText("Golden/result.json"), File.ReadAllText(folder.At("vllm-infqps-concurrency1-test-model-20260101-000000.json")));
    }

    [Fact]
    public async Task SaveDetailed_TellsEachRequest_FailedOnesIncluded()
    {
        var clock = new StepClock();
        await using var engine = new ScriptedSocketEngine(new Script(clock).AnswerAsync);
        using var folder = new TempFolder();

        var run = await BenchTool.RunAsync(clock,
            "serve", "--base-url", engine.Url, "--model", "m", "--num-prompts", "6", "--random-input-len", "5", "--max-concurrency", "1",
            "--save-result", "--save-detailed", "--result-filename", folder.At("result.json"));

        Assert.Equal(0, run.ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.At("result.json")));
        Assert.Equal("[7,5,9,9,5,5]", json.RootElement.GetProperty("input_lens").GetRawText());
        Assert.Equal("[3,0,4,0,0,1]", json.RootElement.GetProperty("output_lens").GetRawText());
        Assert.Equal("[0.125,0.0,0.25,0.0,0.05,0.0625]", json.RootElement.GetProperty("ttfts").GetRawText());
        Assert.Equal("[[0.01,0.03],[],[0.0205,0.0405,0.7],[],[],[]]", json.RootElement.GetProperty("itls").GetRawText());
        Assert.Equal("[0.0,0.165,0.5,1.511,1.6,1.75]", json.RootElement.GetProperty("start_times").GetRawText());
        Assert.Equal("[0.165,0.0,1.011,0.0,0.05,0.0625]", json.RootElement.GetProperty("latencies").GetRawText());
        Assert.Equal(["abc", "", "\"\u00e9x\ny", "", "a", "the"], json.RootElement.GetProperty("generated_texts").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal(new[] { true, false, true, false, false, true }, json.RootElement.GetProperty("errors").EnumerateArray().Select(error => error.GetString() == ""));
        Assert.Equal(
            ["total_token_throughput", "input_lens", "output_lens", "ttfts", "itls", "start_times", "generated_texts", "errors", "max_output_tokens_per_s"],
            json.RootElement.EnumerateObject().Select(member => member.Name).SkipWhile(name => name != "total_token_throughput").Take(9));
    }

    private static string TableOf(string output) => output[output.IndexOf("====", StringComparison.Ordinal)..output.IndexOf("Result: ", StringComparison.Ordinal)];

    // The same keys in the same order; numbers may differ where Python adds seconds and we add ticks.
    private static void AssertSame(string expected, string actual)
    {
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(actual);
        var members = right.RootElement.EnumerateObject().ToList();
        Assert.Equal(left.RootElement.EnumerateObject().Select(member => member.Name), members.Select(member => member.Name));
        foreach (var (want, have) in left.RootElement.EnumerateObject().Zip(members))
        {
            if (want.Value.ValueKind == JsonValueKind.Number)
            {
                Assert.Equal(want.Value.GetDouble(), have.Value.GetDouble(), 1e-9);
            }
            else
            {
                Assert.Equal(want.Value.GetRawText(), have.Value.GetRawText());
            }
        }
    }

    /// <summary>Six requests, one after the other: answers, a refusal, a stream without choices, one that breaks, one without usage.</summary>
    private sealed class Script(StepClock clock)
    {
        private int _requests;

        public async Task AnswerAsync(ScriptedConnection connection)
        {
            if (connection.Path != "/v1/completions")
            {
                await connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                return;
            }

            switch (_requests++)
            {
                case 0:
                    await connection.SendChunkedHeadersAsync();
                    await ChunkAsync(connection, 0.125, "a");
                    await ChunkAsync(connection, 0.135, "b");
                    await ChunkAsync(connection, 0.165, "c");
                    await EndAsync(connection, 7, 3);
                    break;
                case 1:
                    clock.Set(0.5);
                    await connection.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}");
                    break;
                case 2:
                    await connection.SendChunkedHeadersAsync();
                    await ChunkAsync(connection, 0.75, "\\\"");
                    await ChunkAsync(connection, 0.7705, "\\u00e9");
                    await ChunkAsync(connection, 0.811, "x\\n");
                    await ChunkAsync(connection, 1.511, "y");
                    await EndAsync(connection, 9, 4);
                    break;
                case 3:
                    clock.Set(1.6);
                    await connection.SendChunkedHeadersAsync();
                    await connection.SendChunkAsync(": ping\n\n");
                    await EndAsync(connection, 9, 4);
                    break;
                case 4:
                    await connection.SendChunkedHeadersAsync();
                    await ChunkAsync(connection, 1.65, "a");
                    clock.Set(1.75);
                    connection.Reset();
                    break;
                default:
                    await connection.SendChunkedHeadersAsync();
                    await ChunkAsync(connection, 1.8125, "the");
                    clock.Set(2.0);
                    await connection.SendChunkAsync("data: [DONE]\n\n");
                    await connection.EndChunksAsync();
                    break;
            }
        }

        // Sends a token at a time, and returns when the client has looked at the clock for it.
        private async Task ChunkAsync(ScriptedConnection connection, double at, string text)
        {
            clock.Set(at);
            var reads = clock.Reads;
            await connection.SendChunkAsync($$$"""data: {"id":"x","choices":[{"index":0,"text":"{{{text}}}","logprobs":null,"finish_reason":null}],"usage":null}""" + "\n\n");
            await Eventually.TrueAsync(() => clock.Reads > reads);
        }

        private static async Task EndAsync(ScriptedConnection connection, int prompt, int output)
        {
            await connection.SendChunkAsync(Usage.Replace("PROMPT", $"{prompt}", StringComparison.Ordinal).Replace("OUTPUT", $"{output}", StringComparison.Ordinal) + "data: [DONE]\n\n");
            await connection.EndChunksAsync();
        }
    }
}
