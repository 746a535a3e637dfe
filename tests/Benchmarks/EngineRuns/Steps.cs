using LlmdAspire.EngineModel;
using System.Diagnostics;
using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Benchmarks.EngineRuns;

/// <summary>What a decode step costs this machine in time and memory, beside the time it stands for.</summary>
internal static class Steps
{
    private const int Measured = 1000;

    public static int Run()
    {
        Console.WriteLine("| Sequences | Time of a step here | Bytes allocated | Time it stands for |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var sequences in new[] { 1, 16, 256, 1024 })
        {
            Measure(sequences);
        }

        return 0;
    }

    private static void Measure(int sequences)
    {
        var time = new ManualTimeProvider();
        var timing = ProfileCatalog.For("Llama-3.1-8B").Timing(new Deployment());
        var options = new EngineOptions { MaxSequences = sequences, Blocks = 1 << 20, PrefixHasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0") };
        using var engine = new Engine(options, timing, time);
        for (var i = 0; i < sequences; i++)
        {
            _ = engine.Submit([new SequenceRequest { Prompt = [.. Enumerable.Range(i, 100)], Source = new SentenceSource((ulong)i, endless: true), MaxTokens = 100_000 }]);
        }

        // Past all prefills, and past the first growth of everything that grows.
        time.Advance(TimeSpan.FromSeconds(20));
        var tokens = Generated();
        var began = time.GetTimestamp();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        while (Generated() - tokens < (long)Measured * sequences)
        {
            time.AdvanceToNext();
        }

        watch.Stop();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        var stoodFor = (double)(time.GetTimestamp() - began) / TimeSpan.TicksPerMillisecond / Measured;
        Console.WriteLine(FormattableString.Invariant(
            $"| {sequences} | {watch.Elapsed.TotalMicroseconds / Measured:0} us | {bytes / Measured} | {stoodFor:0.0} ms |"));

        long Generated() => engine.Read((_, metrics) => metrics.GenerationTokens);
    }
}
