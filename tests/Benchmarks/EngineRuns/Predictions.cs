using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Tests.Load;

namespace LlmdAspire.Benchmarks.EngineRuns;

/// <summary>The points that were predicted before anything was measured, for one engine and for a split deployment.</summary>
internal static class Predictions
{
    public static int Run(string[] args)
    {
        if (ProfileCatalog.Find(args.Length > 0 ? args[0] : ProfileCatalog.Fallback, out var mistake) is not { } profile)
        {
            Console.Error.WriteLine($"The profile {mistake}.");
            return 2;
        }

        Console.WriteLine("| Input / output | Concurrency | One engine: TTFT, TPOT, output | P/D, DP 8 each: TTFT, TPOT, output |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (input, output) in new[] { (2000, 2000), (200, 200), (8000, 500) })
        {
            foreach (var concurrency in new[] { 1, 8, 64 })
            {
                Console.WriteLine($"| {input} / {output} | {concurrency} | {Measure(profile, 0, 1, 4 * concurrency, concurrency, input, output)} | {Measure(profile, 8, 8, 4 * concurrency, concurrency, input, output)} |");
            }
        }

        Console.WriteLine($"100 requests of 2000 / 2000, 32 at once, P/D, DP 8 each: {Measure(profile, 8, 8, 100, 32, 2000, 2000)}");
        return 0;
    }

    private static string Measure(EngineProfile profile, int prefillRanks, int ranks, int requests, int concurrency, int input, int output)
    {
        using var stack = new ModelStack(profile, new Deployment(), prefillRanks, ranks);
        var result = stack.Run(requests, concurrency, input, output);
        return FormattableString.Invariant(
            $"{result.MeanTimeToFirstToken * 1000:0} ms, {result.MeanTimePerOutputToken * 1000:0.00} ms, {result.OutputTokensPerSecond:0} tok/s");
    }
}
