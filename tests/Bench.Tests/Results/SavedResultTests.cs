using System.Text.Json;
using LlmdAspire.Bench.Results;
using LlmdAspire.Bench.Tests.Runs;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Results;

public sealed class SavedResultTests
{
    [Fact]
    public async Task InfiniteBurstiness_IsSavedAndReadAgain()
    {
        const string Answer = "data: {\"choices\":[{\"text\":\"a\"}]}\n\n";
        using var folder = new TempFolder();
        await using var engine = new ScriptedSocketEngine(connection => connection.Path == "/v1/completions"
            ? connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}")
            : connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));

        var run = await BenchTool.RunAsync(
            "serve", "--base-url", engine.Url, "--model", "m", "--num-prompts", "2", "--request-rate", "1000", "--burstiness", "inf",
            "--save-result", "--save-detailed", "--plot-timeline", "--result-filename", folder.At("result.json"));

        Assert.Equal(0, run.ExitCode);
        var saved = Assert.Single(SavedResult.Read(folder.At("result.json")));
        Assert.Equal((1000, 2), (saved.RequestRate, saved.Figures["completed"]));
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.At("result.json")));
        Assert.Equal("inf", json.RootElement.GetProperty("burstiness").GetString());
    }
}
