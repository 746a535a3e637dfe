using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Tests.Load;

namespace LlmdAspire.Benchmarks.EngineRuns;

/// <summary>Throughput and latencies of one engine as more requests run at once.</summary>
internal static class Curves
{
    private const int Input = 500;
    private const int Output = 200;

    private static readonly int[] s_concurrencies = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    public static int Run(string[] args)
    {
        if (args is not [var path, ..])
        {
            Console.Error.WriteLine("curves needs the path of the picture to write.");
            return 2;
        }

        if (ProfileCatalog.Find(args.Length > 1 ? args[1] : ProfileCatalog.Fallback, out var mistake) is not { } profile)
        {
            Console.Error.WriteLine($"The profile {mistake}.");
            return 2;
        }

        var results = s_concurrencies.Select(concurrency => Measure(profile, concurrency)).ToList();
        Console.WriteLine("| Concurrency | Output tok/s | TTFT | TPOT |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (concurrency, result) in s_concurrencies.Zip(results))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"| {concurrency} | {result.OutputTokensPerSecond:0} | {result.MeanTimeToFirstToken * 1000:0} ms | {result.MeanTimePerOutputToken * 1000:0.00} ms |"));
        }

        File.WriteAllText(path, CurvesPicture.Of(
            $"{profile.Description}, {Input} tokens in, {Output} out, closed loop",
            s_concurrencies,
            [
                new("Output tokens/s", [.. results.Select(result => result.OutputTokensPerSecond)]),
                new("Mean time to first token, ms", [.. results.Select(result => result.MeanTimeToFirstToken * 1000)]),
                new("Mean time per output token, ms", [.. results.Select(result => result.MeanTimePerOutputToken * 1000)]),
            ]));
        return 0;
    }

    private static LoadResult Measure(EngineProfile profile, int concurrency)
    {
        using var stack = new ModelStack(profile, new Deployment(), prefillRanks: 0, ranks: 1);
        return stack.Run(4 * concurrency, concurrency, Input, Output);
    }
}
