using System.Globalization;
using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Plotting;
using LlmdAspire.Bench.Results;
using LlmdAspire.Bench.Runs;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench sweep</c>: one server, several concurrencies.</summary>
internal static class SweepVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new SweepFlags();
        if (FlagReading.Read(flags, args, context.Console) is { } exitCode)
        {
            return exitCode;
        }

        var results = new List<BenchmarkResult>();
        foreach (var concurrency in flags.Concurrencies.Value)
        {
            var variant = new RunVariant { MaxConcurrency = concurrency, SeedOffset = results.Count };
            await using var benchmark = new Benchmark(flags, variant, context.Console, context.Clock);
            results.Add(await benchmark.RunAsync(context.Stop));
            Saving.Save(flags, results[^1], context.Console);
            if (context.Stop.IsCancellationRequested)
            {
                break;
            }
        }

        WriteSummary(context.Console.Out, results);
        if (flags.Plot.Value is { } path)
        {
            PlotFile.Write(path, flags.Label.Value ?? "Sweep", [.. results.Select(SavedResult.Of)]);
            await context.Console.Out.WriteLineAsync($"Charts: {path}");
        }

        return results.Any(result => result.Metrics.Completed > 0) ? 0 : 1;
    }

    private static void WriteSummary(TextWriter output, List<BenchmarkResult> results)
    {
        output.WriteLine();
        output.WriteLine($"{"Concurrency",11} {"req/s",10} {"tok/s",12} {"TTFT ms",10} {"P99 TTFT",10} {"TPOT ms",10} {"Failed",8}");
        foreach (var result in results)
        {
            var metrics = result.Metrics;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.MaxConcurrency,11} {metrics.RequestThroughput,10:F2} {metrics.OutputThroughput,12:F2} {metrics.TimeToFirstToken.Mean * 1000,10:F2} {metrics.TimeToFirstToken.Percentile(99) * 1000,10:F2} {metrics.TimePerOutputToken.Mean * 1000,10:F2} {metrics.Failed,8}"));
        }
    }
}
