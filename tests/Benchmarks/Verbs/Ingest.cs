using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.KvIndexer;
using LlmdAspire.KvIndexer.Endpoints;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>Blocks per second from a ZMTP socket into the index: the whole KvIndexer in this process, its engine's publisher in another.</summary>
/// <remarks>"Per core" divides by the CPU seconds of this process, all its threads together, so that the number does not depend on who else runs.</remarks>
internal static class Ingest
{
    private const int Blocks = 2_000_000;
    private const int Rounds = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var shapes = args.Length == 0 ? [(32, 4), (1, 16)] : new[] { (Number(args[0]), Number(args[1])) };
        foreach (var (blocksPerEvent, eventsPerBatch) in shapes)
        {
            // Twice for warm-up: the compiler's second tier comes after some seconds, and its CPU time counts here.
            await MeasureAsync(blocksPerEvent, eventsPerBatch, report: false);
            await MeasureAsync(blocksPerEvent, eventsPerBatch, report: false);
            for (var round = 0; round < Rounds; round++)
            {
                await MeasureAsync(blocksPerEvent, eventsPerBatch, report: true);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(int blocksPerEvent, int eventsPerBatch, bool report)
    {
        var batches = Blocks / (blocksPerEvent * eventsPerBatch);
        using var publisher = OtherProcess.Start("publish", Text(blocksPerEvent), Text(eventsPerBatch), Text(batches));
        try
        {
            var address = await publisher.StandardOutput.ReadLineAsync();
            await using var indexer = await new KvIndexerService().StartAsync(
                ["--port", "0", "--log-level", "error", "--engine", $"http://127.0.0.1:1,events={address},model=model"]);
            var endpoint = indexer.Services.GetRequiredService<EndpointCatalog>().All[0];
            GC.Collect();

            using var self = Process.GetCurrentProcess();
            var cpuBefore = self.CpuSeconds();
            var clock = Stopwatch.StartNew();
            await publisher.StandardInput.WriteLineAsync();
            while (endpoint.Sequence.Last != batches - 1)
            {
                await Task.Delay(5);
            }

            var wall = clock.Elapsed.TotalSeconds;
            var cpu = self.CpuSeconds() - cpuBefore;
            var theirs = double.Parse((await publisher.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            if (report)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{eventsPerBatch} events of {blocksPerEvent} blocks a batch: {Blocks / cpu / 1e6:F2} M blocks/s per core of the indexer "
                    + $"({cpu / wall:F2} cores used), {Blocks / wall / 1e6:F2} M blocks/s by the clock; publisher used {theirs / wall:F2} cores; {endpoint.Blocks.Count:N0} blocks held"));
            }
        }
        finally
        {
            publisher.StandardInput.Close();
            await publisher.WaitForExitAsync();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
