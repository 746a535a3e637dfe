using System.Globalization;
using LlmdAspire.Bench.Tests.Runs;
using LlmdAspire.Dashboard.Tests.Browser;
using Microsoft.Playwright;

namespace LlmdAspire.Bench.Tests.Plotting;

/// <summary>The report of <c>plot</c> as a browser shows it, from a file.</summary>
public sealed class PlotPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Report_IsDrawnWholeAndAsksForNothing(int width, ColorScheme scheme)
    {
        using var folder = new TempFolder();
        var files = new[] { 1, 8, 32 }.Select(concurrency => folder.Write($"{concurrency}.json", Result(concurrency)));
        var report = folder.At("report.html");
        Assert.Equal(0, (await BenchTool.RunAsync(["plot", .. files, "--output", report])).ExitCode);

        await using var visit = await chromium.OpenAsync(new Uri("about:blank"), width, scheme: scheme);
        var asked = new List<string>();
        visit.Page.Request += (_, request) => asked.Add(request.Url);
        await visit.Page.GotoAsync(new Uri(report).AbsoluteUri);
        await visit.PictureAsync($"plot-{width}-{scheme}");

        Assert.Equal([new Uri(report).AbsoluteUri], asked);
        Assert.Empty(visit.Complaints);
        Assert.Equal(0, await visit.OverflowAsync());
        var charts = visit.Page.Locator("figure > svg, figure > div > svg");
        Assert.Equal(7, await charts.CountAsync());
        for (var i = 0; i < 7; i++)
        {
            var box = await charts.Nth(i).BoundingBoxAsync();
            Assert.True(box is { Width: > 250, Height: > 100 }, $"chart {i} is {box?.Width} x {box?.Height}");
        }

        // Words that a reader must see lie within their chart.
        var cutOff = await visit.Page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll('figure svg text')].filter(text => {
              const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
              return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
            }).map(text => text.textContent)
            """);
        Assert.Empty(cutOff);
    }

    /// <summary>A detailed result of 40 requests, slower the more there are at once.</summary>
    private static string Result(int concurrency)
    {
        var random = new Random(concurrency);
        string List(Func<int, string> item) => string.Join(',', Enumerable.Range(0, 40).Select(item));
        string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
        string Gap() => Number(0.005 + (0.0005 * concurrency * random.NextDouble()));
        return $$"""
            {"label":"engine","duration":20,"completed":40,"failed":0,"max_concurrency":{{concurrency}},"output_throughput":{{concurrency * 130}},
             "median_ttft_ms":{{20 + concurrency}},"p99_ttft_ms":{{60 + (4 * concurrency)}},
             "start_times":[{{List(i => Number(100 + (i * 0.5)))}}],
             "ttfts":[{{List(_ => Number(0.02 + (0.003 * concurrency * random.NextDouble())))}}],
             "itls":[{{List(_ => $"[{string.Join(',', Enumerable.Range(0, 20).Select(_ => Gap()))}]")}}],
             "latencies":[{{List(_ => Number(0.2 + (0.02 * concurrency * random.NextDouble())))}}],
             "errors":[{{List(_ => "\"\"")}}]}
            """;
    }
}
