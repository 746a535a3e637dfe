using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Plotting;
using LlmdAspire.Bench.Results;
using LlmdAspire.Bench.Runs;

namespace LlmdAspire.Bench.Verbs;

/// <summary>Saves what the flags ask to be saved.</summary>
internal static class Saving
{
    public static void Save(LoadFlags flags, BenchmarkResult result, BenchConsole console)
    {
        if (flags.File is not { } file)
        {
            return;
        }

        if (flags.SaveResult || flags.AppendResult)
        {
            console.Out.WriteLine($"Result: {file.Save(result)}");
        }

        if (flags.PlotTimeline)
        {
            var charts = Path.ChangeExtension(file.PathOf(result), ".timeline.html");
            PlotFile.Write(charts, result.Name, [SavedResult.Of(result)]);
            console.Out.WriteLine($"Charts: {charts}");
        }
    }
}
