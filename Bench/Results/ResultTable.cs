using System.Globalization;

namespace LlmdAspire.Bench.Results;

/// <summary>Writes the table that <c>vllm bench serve</c> prints.</summary>
internal static class ResultTable
{
    private const int Width = 50;

    public static void Write(TextWriter output, Metrics metrics, ReportOptions options, double requestRate, int? maxConcurrency)
    {
        Header(" Serving Benchmark Result ", '=');
        Whole("Successful requests:", metrics.Completed);
        Whole("Failed requests:", metrics.Failed);
        if (maxConcurrency is not null)
        {
            Whole("Maximum request concurrency:", maxConcurrency.Value);
        }

        if (double.IsFinite(requestRate))
        {
            Number("Request rate configured (RPS):", requestRate);
        }

        Number("Benchmark duration (s):", metrics.Duration);
        Whole("Total input tokens:", metrics.InputTokens);
        Whole("Total generated tokens:", metrics.OutputTokens);
        Number("Request throughput (req/s):", metrics.RequestThroughput);
        if (options.Goodput.IsAsked)
        {
            Number("Request goodput (req/s):", metrics.RequestGoodput);
        }

        Number("Output token throughput (tok/s):", metrics.OutputThroughput);
        Number("Peak output token throughput (tok/s):", metrics.Peaks.Chunks);
        Number("Peak concurrent requests:", metrics.Peaks.Requests);
        Number("Total token throughput (tok/s):", metrics.TotalThroughput);
        foreach (var metric in options.Metrics)
        {
            var values = metric.Of(metrics);
            Header(metric.Header, '-');
            Number($"Mean {metric.Name} (ms):", values.Mean * 1000);
            Number($"Median {metric.Name} (ms):", values.Median * 1000);
            foreach (var percentile in options.Percentiles)
            {
                Number($"P{LatencyMetric.Word(percentile)} {metric.Name} (ms):", values.Percentile(percentile) * 1000);
            }
        }

        output.WriteLine(new string('=', Width));

        void Header(string text, char line)
        {
            var left = (Width - text.Length) / 2;
            output.WriteLine(text.PadLeft(left + text.Length, line).PadRight(Width, line));
        }

        void Whole(string label, long value) => Line(label, value.ToString(CultureInfo.InvariantCulture));

        void Number(string label, double value) => Line(label, PythonNumber.TwoDecimals(value));

        // Values are padded too, as in the original.
        void Line(string label, string value) => output.WriteLine($"{label,-40} {value,-10}");
    }
}
