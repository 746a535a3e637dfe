using System.Xml.Linq;
using LlmdAspire.Bench.Plotting;
using LlmdAspire.Bench.Tests.Runs;

namespace LlmdAspire.Bench.Tests.Plotting;

public sealed class PlotTests
{
    private const string Detailed = """
        "start_times":[100,101,102],"ttfts":[0.1,0.2,0.3],"itls":[[0.01,0.02],[],[0.04]],"errors":["","boom",""],"latencies":[0.13,0.2,0.34]
        """;

    [Fact]
    public async Task Page_NeedsNothingElse_AndHasATableBehindEachChart()
    {
        using var folder = new TempFolder();
        var files = new[] { 1, 8 }.Select(concurrency => folder.Write($"{concurrency}.json",
            $$"""{"label":"a<b","duration":3,"completed":2,"failed":1,"max_concurrency":{{concurrency}},"output_throughput":{{concurrency * 100}},"median_ttft_ms":5,"p99_ttft_ms":9,{{Detailed}}}"""));

        var run = await BenchTool.RunAsync(["plot", .. files, "--output", folder.At("report.html"), "--title", "A & B"]);

        Assert.Equal(0, run.ExitCode);
        var html = File.ReadAllText(folder.At("report.html"));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Assert.Contains("<h1>A &amp; B</h1>", html, StringComparison.Ordinal);
        // What is drawn is well-formed, also with names that are markup.
        var charts = html.Split("<figure>")[1..].Select(part => XElement.Parse("<figure>" + part[..(part.IndexOf("</figure>", StringComparison.Ordinal) + 9)])).ToList();
        Assert.Equal(
            ["Output throughput by concurrency", "Time to first token by concurrency", "Time to first token, share of requests", "Inter-token latency, share of gaps",
            "End-to-end latency, share of requests", "Inter-token latency over time, median", "Inter-token latency over time, p99"],
            charts.Select(chart => chart.Descendants("h2").Single().Value));
        Assert.All(charts, chart => Assert.NotEmpty(chart.Element("details")!.Descendants("td")));
        Assert.Equal(["1", "100", "8", "800"], charts[0].Element("details")!.Descendants("td").Select(cell => cell.Value));
        Assert.Contains("a<b at 8", charts[2].Descendants("li").Select(item => item.Value));
    }

    [Fact]
    public async Task OneResultWithoutDetails_IsATable_AndAHint()
    {
        using var folder = new TempFolder();

        _ = await BenchTool.RunAsync("plot", folder.Write("x.json", """{"backend":"vllm","duration":3,"completed":2,"max_concurrency":null}"""), "--output", folder.At("report.html"));

        var html = File.ReadAllText(folder.At("report.html"));
        Assert.DoesNotContain("<figure>", html, StringComparison.Ordinal);
        Assert.Contains("--save-detailed", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "is not a result of --save-result")]
    [InlineData("{", "is not a result of --save-result")]
    [InlineData("", "is empty")]
    public async Task WrongFile_IsOneLine(string text, string message)
    {
        using var folder = new TempFolder();

        var run = await BenchTool.RunAsync("plot", folder.Write("x.json", text));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, 0.2)]
    [InlineData(1, 5, 0.2)]
    [InlineData(7, 4, 2)]
    [InlineData(100, 5, 20)]
    [InlineData(6383, 4, 2000)]
    public void Axis_HasRoundSteps(double greatest, int count, double step)
    {
        var axis = new Axis(greatest);

        Assert.Equal((count, step), (axis.Count, Math.Round(axis.Step, 12)));
        Assert.InRange(axis.Share(greatest), 0, 1);
    }
}
