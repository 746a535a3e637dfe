using System.Globalization;
using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Results;
using LlmdAspire.Bench.Runs;
using LlmdAspire.Bench.SelfCheck;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench self-check</c>: whether the load generator or the server would be the bottleneck.</summary>
internal static class SelfCheckVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new SelfCheckFlags();
        if (FlagReading.Read(flags, args, context.Console) is { } exitCode)
        {
            return exitCode;
        }

        var output = context.Console.Out;
        var brief = await MeasureAsync(flags, flags.Requests, tokens: 1, eventsPerWrite: 3, context);
        await output.WriteLineAsync(Line("Short requests", brief.RequestThroughput, "req/s", brief));
        var streamed = await MeasureAsync(flags, flags.Streams, flags.Tokens, flags.EventsPerWrite, context);
        await output.WriteLineAsync(Line("Streamed tokens", streamed.OutputThroughput, "tok/s", streamed));
        return brief.Failed + streamed.Failed == 0 ? 0 : 1;
    }

    private static async Task<Metrics> MeasureAsync(SelfCheckFlags flags, int requests, int tokens, int eventsPerWrite, VerbContext context)
    {
        using var server = await InstantServerProcess.StartAsync(tokens, eventsPerWrite, context.Stop);
        var load = new ServeFlags();
        _ = load.Read(
        [
            "--port", Text(server.Port), "--model", "instant", "--num-prompts", Text(requests), "--random-input-len", "16",
            "--random-output-len", Text(tokens), "--max-concurrency", Text(flags.Concurrency), "--num-warmups", Text(Math.Min(requests, 2000)),
        ]);
        var quiet = new BenchConsole(TextWriter.Null, TextWriter.Null, IsTerminal: false);
        await using var benchmark = new Benchmark(load, RunVariant.None, quiet, context.Clock);
        return (await benchmark.RunAsync(context.Stop)).Metrics;
    }

    private static string Line(string what, double rate, string unit, Metrics metrics) => string.Create(CultureInfo.InvariantCulture,
        $"{what + ":",-17}{rate,12:N0} {unit}  ({metrics.Completed} requests in {metrics.Duration:F1} s, {metrics.Failed} failed, {Environment.ProcessorCount} cores shared with the server)");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
