using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Runs;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench serve</c>: one run against one server.</summary>
internal static class ServeVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new ServeFlags();
        if (FlagReading.Read(flags, args, context.Console) is { } exitCode)
        {
            return exitCode;
        }

        await using var benchmark = new Benchmark(flags, RunVariant.None, context.Console, context.Clock);
        var result = await benchmark.RunAsync(context.Stop);
        Saving.Save(flags, result, context.Console);
        return result.Metrics.Completed > 0 ? 0 : 1;
    }
}
