using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.EngineModel.Tests.Timing;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests.Blocks;

/// <summary>Whatever happens to requests, in whatever order, no block is lost, and whoever follows the changes holds what the engine holds.</summary>
public sealed class BlockAccountTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Blocks_AfterAnyFaults_AreAllFreeAgain(int seed)
    {
        var random = new Random(seed);
        var time = new ManualTimeProvider();
        var mirror = new CacheMirror();
        // In some runs nobody loses anything, so that what was computed can be told exactly.
        var quiet = seed % 6 == 2;
        var options = new EngineOptions
        {
            BlockSize = 4,
            Blocks = quiet ? 20_000 : random.Next(4, 60),
            MaxAdapters = random.Next(1, 4),
            MaxSequences = random.Next(1, 8),
            MaxBatchedTokens = random.Next(8, 40),
            LongPrefillThreshold = random.Next(3) * 5,
            PrefixHasher = seed % 5 == 0 ? null : new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0"),
            LeaseDuration = TimeSpan.FromMilliseconds(300),
        };
        ITimingModel[] timings =
        [
            new Latencies { TimeToFirstToken = TimeSpan.FromMilliseconds(20), InterTokenLatency = TimeSpan.FromMilliseconds(8) },
            new SteadySteps(),
            new SteadySteps { TokenizerTime = TimeSpan.FromMilliseconds(3) },
        ];
        using var engine = new Engine(options, timings[seed % timings.Length], time, mirror);
        var open = new List<Generation>();
        var exports = new List<string>();
        var (imports, endedImports) = (0, 0);

        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(15))
            {
                case < 4:
                    open.Add(engine.Submit([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => AnyRequest())]));
                    break;
                case < 6 when open.Count > 0 && !quiet:
                    engine.Abort(open[random.Next(open.Count)]);
                    break;
                case 6 when exports.Count > 0:
                    _ = engine.ReleaseExport(exports[random.Next(exports.Count)]);
                    break;
                case 7 when random.Next(5) == 0:
                    _ = engine.ResetPrefixCache(interruptRunning: !quiet && random.Next(2) == 0);
                    break;
                case 8:
                    ((Action)(random.Next(4) switch { 0 => engine.Pause, 1 => engine.Drain, _ => engine.Resume }))();
                    break;
                case 9:
                    SequenceRequest[] requests = [AnyRequest()];
                    open.Add(engine.EndBelowThreshold(requests, random.NextDouble()) ?? engine.Submit(requests));
                    break;
                case 10 when random.Next(4) == 0:
                    engine.Timing = timings[random.Next(timings.Length)];
                    break;
                case 11 when random.Next(4) == 0 && !quiet:
                    ((Action)(random.Next(3) switch { 0 => engine.AbortAll, 1 => engine.ForgetExports, _ => engine.Interrupt }))();
                    break;
                default:
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
                    break;
            }

            Assert.Equal(engine.Blocks.Cached.ToHashSet(), mirror.Blocks);
            Assert.Equal(engine.Blocks.Used, engine.Blocks.All.Count(block => block.References > 0));
            Assert.InRange(engine.Adapters.Running.Count, 0, options.MaxAdapters);
        }

        if (seed % 3 == 0)
        {
            engine.Dispose();
        }
        else if (seed % 3 == 1)
        {
            open.ForEach(engine.Abort);
            time.Advance(options.LeaseDuration);
        }
        else
        {
            // Left alone, everybody comes to an end: nobody starves.
            engine.Resume();
            time.Advance(TimeSpan.FromHours(1));
            AssertComputedWhatWasNeeded(engine, [.. open.SelectMany(generation => generation.Sequences)], quiet);
        }

        Assert.All(engine.Blocks.All, block => Assert.Equal(0, block.References));
        Assert.Equal(options.Blocks, engine.Blocks.Free);
        Assert.Equal((0, 0, 0), (engine.Load.Running, engine.Load.Waiting, engine.Load.UsedBlocks));
        Assert.All(open, generation => Assert.True(generation.IsFinished));
        Assert.Equal(imports, endedImports);

        SequenceRequest AnyRequest()
        {
            // Few beginnings, so that prompts share blocks.
            var prompt = Enumerable.Repeat(random.Next(3), random.Next(1, 50)).ToList();
            var export = random.Next(4) == 0 ? $"export-{exports.Count}" : null;
            if (export is not null)
            {
                exports.Add(export);
            }

            var import = random.Next(4) == 0 ? new KvImport(random.Next(60), () => endedImports++) : null;
            imports += import is null ? 0 : 1;
            return new SequenceRequest
            {
                Prompt = prompt,
                Source = new EchoSource(prompt),
                MaxTokens = random.Next(1, 40),
                ExportAs = export,
                LoraName = random.Next(2) == 0 ? null : $"adapter-{random.Next(3)}",
                Import = import,
            };
        }
    }

    /// <summary>Every token of a prompt that was neither cached nor copied went through the model, and of an answer every one but the last; more only after lost places and aborts.</summary>
    private static void AssertComputedWhatWasNeeded(Engine engine, IReadOnlyList<Sequence> sequences, bool quiet)
    {
        var needed = sequences.Where(sequence => sequence.Read().Finish is FinishReason.Stop or FinishReason.Length)
            .Sum(sequence => sequence.Prompt.Count - sequence.CachedTokens - sequence.CopiedTokens + sequence.Count - 1L);
        var (computed, disturbances) = engine.Read((_, metrics) => (metrics.ComputedTokens, metrics.Preemptions + metrics.Finished(FinishReason.Abort)));

        Assert.True(!quiet || disturbances == 0);

        // A prompt that was copied as a whole has its last token computed all the same.
        Assert.InRange(computed, needed, disturbances == 0 ? needed + sequences.Count(sequence => sequence.CopiedTokens > 0) : long.MaxValue);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 60)];
}
