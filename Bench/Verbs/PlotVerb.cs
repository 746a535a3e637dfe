using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Plotting;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench plot</c>: charts of saved results.</summary>
internal static class PlotVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new PlotFlags();
        if (FlagReading.Read(flags, Files.First(args), context.Console) is { } exitCode)
        {
            return exitCode;
        }

        PlotFile.Write(flags.Output, flags.Title, [.. flags.Results.Value.SelectMany(SavedResult.Read)]);
        await context.Console.Out.WriteLineAsync($"Charts: {flags.Output.Value}");
        return 0;
    }
}
