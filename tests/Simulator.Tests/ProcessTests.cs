using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>The simulator as a program: signals and exit codes.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Sigterm_LetsAStreamFinish_AndEndsWithZero()
    {
        await using var program = ChildProgram.Start(
            typeof(SimulatorService).Assembly, ["--port", "0", "--time-to-first-token", "1", "--inter-token-latency", "20"]);
        using var client = new HttpClient { BaseAddress = await program.WaitForUrlAsync() };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"prompt":"a","max_tokens":50,"stream":true}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await program.SignalAsync("TERM");
        var text = await response.Content.ReadAsStringAsync();

        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal(50, text.Split("\"text_completion\"").Length - 1);
        Assert.Equal(0, await program.WaitForExitAsync());
    }

    [Fact]
    public async Task MeaninglessFlags_AreNamedInOneWarning()
    {
        await using var program = ChildProgram.Start(
            typeof(SimulatorService).Assembly, ["--port", "0", "--pipeline-parallel-size", "8", "--enforce-eager"]);
        _ = await program.WaitForUrlAsync();
        var warning = await program.WaitForLineAsync("--pipeline-parallel-size");

        Assert.Contains("--enforce-eager", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongFlag_EndsWithTwoAndOneLine()
    {
        await using var program = ChildProgram.Start(typeof(SimulatorService).Assembly, ["--block-size", "0"]);

        Assert.Equal(2, await program.WaitForExitAsync());
        Assert.Equal("simulator: --block-size is '0'; it must be at least 1.", Assert.Single(program.Errors));
    }
}
