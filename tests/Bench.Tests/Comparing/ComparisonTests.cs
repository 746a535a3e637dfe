using LlmdAspire.Bench.Tests.Runs;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Comparing;

public sealed class ComparisonTests
{
    [Fact]
    public async Task Files_AreComparedRunByRun()
    {
        using var folder = new TempFolder();
        // A result a line: the repetitions of one candidate.
        var old = folder.Write("old.json", Result("x", 10) + "\n" + Result("x", 20) + "\n" + Result("x", 10));
        var fresh = folder.Write("new.json", Result("x", 20) + "\n" + Result("x", 20) + "\n" + Result("x", 30));

        var run = await BenchTool.RunAsync("compare", $"old={old}", $"new={fresh}");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("new (3 runs) compared with old (3 runs)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Request throughput (req/s)                10.00        20.00     1.000   2.000   3.000\n", run.Output, StringComparison.Ordinal);
        // Nothing is a multiple of 0.
        Assert.Contains("Failed requests                            0.00         0.00         -       -       -\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_NameTheCandidates()
    {
        using var folder = new TempFolder();

        var run = await BenchTool.RunAsync("compare", folder.Write("1.json", Result("base", 10)), folder.Write("2.json", Result("tuned", 10)));

        Assert.StartsWith("tuned (1 run) compared with base (1 run)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_AreMeasuredInTurn_WithPromptsThatDifferByRunOnly()
    {
        var seen = new List<string>();
        await using var a = Engine("a", seen);
        await using var b = Engine("b", seen);

        var run = await BenchTool.RunAsync("compare", "--targets", $"a={a.Url}", $"b={b.Url}", "--repetitions", "2", "--num-prompts", "1", "--model", "m");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["a", "b", "a", "b"], seen.Select(request => request[..1]));
        Assert.Equal(seen[0][1..], seen[1][1..]);
        Assert.Equal(seen[2][1..], seen[3][1..]);
        Assert.NotEqual(seen[0][1..], seen[2][1..]);
        Assert.Contains("b (2 runs) compared with a (2 runs)", run.Output, StringComparison.Ordinal);
    }

    private static ScriptedSocketEngine Engine(string name, List<string> seen) => new(connection =>
    {
        const string Answer = "data: {\"choices\":[{\"text\":\"a\"}]}\n\n";
        if (connection.Path != "/v1/completions")
        {
            return connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }

        lock (seen)
        {
            seen.Add(name + connection.Body);
        }

        return connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}");
    });

    private static string Result(string label, double throughput) =>
        $$"""{"label":"{{label}}","backend":"vllm","duration":1,"completed":10,"failed":0,"request_throughput":{{throughput}},"mean_ttft_ms":5.5}""";
}
