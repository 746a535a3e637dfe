using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Plotting;

/// <summary>Chooses what there is to draw of some results.</summary>
internal static class Charts
{
    // More lines than this cannot be told apart.
    private const int MostLines = ChartSvg.Styles;
    private const int CurvePoints = 100;
    private const int Buckets = 60;

    public static IReadOnlyList<Chart> Of(IReadOnlyList<SavedResult> results)
    {
        var charts = new List<Chart>();
        AddByLoad(charts, results);
        AddByRequest(charts, [.. results.Where(result => result.Requests.Count > 0)]);
        return charts;
    }

    private static void AddByLoad(List<Chart> charts, IReadOnlyList<SavedResult> results)
    {
        var byConcurrency = results.All(result => result.MaxConcurrency is not null);
        double? Load(SavedResult result) => byConcurrency ? result.MaxConcurrency : result.RequestRate;
        // One load is a row of the table, not a line.
        if (results.Any(result => Load(result) is null) || results.Select(Load).Distinct().Count() < 2)
        {
            return;
        }

        var (title, axis) = byConcurrency ? ("concurrency", "Requests at a time") : ("request rate", "Requests a second");
        Add("Output throughput", "tok/s", ("output_throughput", ""));
        Add("Time to first token", "ms", ("median_ttft_ms", "median"), ("p99_ttft_ms", "p99"));
        Add("Time per output token", "ms", ("median_tpot_ms", "median"), ("p99_tpot_ms", "p99"));
        Add("End-to-end latency", "ms", ("median_e2el_ms", "median"), ("p99_e2el_ms", "p99"));

        void Add(string what, string unit, params (string Key, string Word)[] figures)
        {
            var lines = results.GroupBy(result => result.Name).SelectMany(group => figures.Select(figure => new Line(
                figure.Word.Length == 0 ? group.Key : $"{group.Key} {figure.Word}",
                [.. group.Where(result => result.Figures.ContainsKey(figure.Key)).Select(result => (Load(result)!.Value, result.Figures[figure.Key])).OrderBy(point => point.Value)])));
            AddChart(charts, $"{what} by {title}", axis, $"{what} ({unit})", lines, hasMarks: true);
        }
    }

    private static void AddByRequest(List<Chart> charts, IReadOnlyList<SavedResult> results)
    {
        var names = Names(results);
        AddCurves("Time to first token, share of requests", "ms", request => [request.TimeToFirstToken]);
        AddCurves("Inter-token latency, share of gaps", "ms", request => request.InterTokenLatencies);
        AddCurves("End-to-end latency, share of requests", "ms", request => [request.Latency]);
        AddTimeline("Inter-token latency over time, median", "ms", gaps => new Statistics(gaps).Median * 1000, request => Gaps(request));
        AddTimeline("Inter-token latency over time, p99", "ms", gaps => new Statistics(gaps).Percentile(99) * 1000, request => Gaps(request));

        void AddCurves(string title, string unit, Func<SavedRequest, IEnumerable<double>> values) =>
            AddChart(charts, title, unit, "Share at most as long, up to 99 (%)", results.Select((result, i) => new Line(names[i], Curve(new Statistics(result.Requests.SelectMany(values))))), hasMarks: false);

        void AddTimeline(string title, string unit, Func<IEnumerable<double>, double> summary, Func<SavedRequest, IEnumerable<(double Time, double Gap)>> gaps) =>
            AddChart(charts, title, "Seconds from the start", $"Gap ({unit})", results.Select((result, i) => new Line(names[i], Timeline(result, summary, gaps))), hasMarks: false);
    }

    private static void AddChart(List<Chart> charts, string title, string xTitle, string yTitle, IEnumerable<Line> lines, bool hasMarks)
    {
        var drawn = lines.Where(line => line.Points.Count > 0).Take(MostLines).ToList();
        if (drawn.Count > 0)
        {
            charts.Add(new Chart(title, xTitle, yTitle, drawn, hasMarks));
        }
    }

    // What share of the values is at most so large, at every hundredth. The last one is left out: a single straggler would press all others to the edge.
    private static IReadOnlyList<(double X, double Y)> Curve(Statistics values) => values.Count == 0 ? [] :
        [.. Enumerable.Range(0, CurvePoints).Select(i => (values.Percentile(100.0 * i / CurvePoints) * 1000, 100.0 * i / CurvePoints))];

    private static IEnumerable<(double Time, double Gap)> Gaps(SavedRequest request)
    {
        var time = request.Start + request.TimeToFirstToken;
        foreach (var gap in request.InterTokenLatencies)
        {
            time += gap;
            yield return (time, gap);
        }
    }

    private static IReadOnlyList<(double X, double Y)> Timeline(
        SavedResult result, Func<IEnumerable<double>, double> summary, Func<SavedRequest, IEnumerable<(double Time, double Gap)>> gaps)
    {
        // Other programs count from any moment.
        var start = result.Requests.Min(request => request.Start);
        var end = result.Requests.Max(request => request.Start + request.Latency);
        var width = Math.Max((end - start) / Buckets, 1e-9);
        return [.. result.Requests.SelectMany(gaps)
            .GroupBy(gap => Math.Min((int)((gap.Time - start) / width), Buckets - 1), gap => gap.Gap)
            .OrderBy(bucket => bucket.Key)
            .Select(bucket => ((bucket.Key + 0.5) * width, summary(bucket)))];
    }

    // With the concurrency where the name alone stands for several results.
    private static IReadOnlyList<string> Names(IReadOnlyList<SavedResult> results) =>
        [.. results.Select((result, i) => results.Count(other => other.Name == result.Name) == 1 ? result.Name
            : result.MaxConcurrency is { } concurrency ? FormattableString.Invariant($"{result.Name} at {concurrency}") : FormattableString.Invariant($"{result.Name} #{i + 1}"))];
}
