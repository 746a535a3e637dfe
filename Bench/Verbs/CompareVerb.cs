using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Comparing;
using LlmdAspire.Bench.Results;
using LlmdAspire.Bench.Runs;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench compare</c>: several servers in turn, or several files.</summary>
internal static class CompareVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new CompareFlags();
        if (FlagReading.Read(flags, Files.First(args), context.Console) is { } exitCode)
        {
            return exitCode;
        }

        var comparison = flags.Results.Value.Length > 0 ? Read(flags.Results.Value) : await MeasureAsync(flags, context);
        if (comparison.Names.Count < 2)
        {
            // One candidate alone, because the others were not reached, is nothing to compare.
            context.Stop.ThrowIfCancellationRequested();
            throw new UsageException($"all results are called '{comparison.Names[0]}'; give them names, such as base=a.json new=b.json.");
        }

        ComparisonTable.Write(context.Console.Out, comparison);
        return comparison.Names.All(name => comparison.RunsOf(name).Any(run => run.Figures["completed"] > 0)) ? 0 : 1;
    }

    private static Comparison Read(IEnumerable<string> files)
    {
        var comparison = new Comparison();
        foreach (var file in files)
        {
            var (name, path) = file.Split('=', 2) is [var left, var right] ? (left, right) : (null, file);
            foreach (var result in SavedResult.Read(path))
            {
                // Two files without labels would both be called after their backend.
                comparison.Add(name ?? (result.HasLabel ? result.Name : Path.GetFileNameWithoutExtension(path)), result);
            }
        }

        return comparison;
    }

    /// <summary>Measures until all is done or somebody stops it; what was complete by then is compared all the same.</summary>
    private static async Task<Comparison> MeasureAsync(CompareFlags flags, VerbContext context)
    {
        var comparison = new Comparison();
        try
        {
            for (var repetition = 0; repetition < flags.Repetitions; repetition++)
            {
                // In turn, so that a machine that warms up or slows down does so for all of them; with prompts that no cache has seen.
                foreach (var (name, url) in KeyValues.Read(flags.Targets.Value))
                {
                    context.Stop.ThrowIfCancellationRequested();
                    await context.Console.Out.WriteLineAsync(FormattableString.Invariant($"--- {name}, run {repetition + 1} of {flags.Repetitions.Value}: {url}"));
                    var variant = new RunVariant { Target = flags.TargetAt(url), Label = name, SeedOffset = repetition };
                    await using var benchmark = new Benchmark(flags, variant, context.Console, context.Clock);
                    var result = await benchmark.RunAsync(context.Stop);
                    Saving.Save(flags, result, context.Console);
                    if (!result.IsInterrupted)
                    {
                        comparison.Add(name, SavedResult.Of(result));
                    }
                }
            }
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested && comparison.Names.Count > 1)
        {
            context.Console.Warn("interrupted; the comparison is that of the runs that were complete.");
        }

        await context.Console.Out.WriteLineAsync();
        return comparison;
    }
}
