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
        var options = new EngineOptions
        {
            BlockSize = 4,
            Blocks = random.Next(4, 60),
            MaxSequences = random.Next(1, 8),
            MaxBatchedTokens = random.Next(8, 40),
            LongPrefillThreshold = random.Next(3) * 5,
            PrefixHasher = seed % 5 == 0 ? null : new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0"),
            LeaseDuration = TimeSpan.FromMilliseconds(300),
        };
        ITimingModel timing = seed % 2 == 0
            ? new Latencies { TimeToFirstToken = TimeSpan.FromMilliseconds(20), InterTokenLatency = TimeSpan.FromMilliseconds(8) }
            : new SteadySteps();
        using var engine = new Engine(options, timing, time, mirror);
        var open = new List<Generation>();
        var exports = new List<string>();
        var (imports, endedImports) = (0, 0);

        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    open.Add(engine.Submit([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => AnyRequest())]));
                    break;
                case < 6 when open.Count > 0:
                    engine.Abort(open[random.Next(open.Count)]);
                    break;
                case 6 when exports.Count > 0:
                    _ = engine.ReleaseExport(exports[random.Next(exports.Count)]);
                    break;
                case 7 when random.Next(5) == 0:
                    _ = engine.ResetPrefixCache(interruptRunning: random.Next(2) == 0);
                    break;
                default:
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
                    break;
            }

            Assert.Equal(engine.Blocks.Cached.ToHashSet(), mirror.Blocks);
            Assert.Equal(engine.Blocks.Used, engine.Blocks.All.Count(block => block.References > 0));
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
            time.Advance(TimeSpan.FromHours(1));
            AssertComputedWhatWasNeeded(engine, open.SelectMany(generation => generation.Sequences));
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
                Import = import,
            };
        }
    }

    /// <summary>Every token of a prompt that was neither cached nor copied went through the model, and of an answer every one but the last; more only after lost places and aborts.</summary>
    private static void AssertComputedWhatWasNeeded(Engine engine, IEnumerable<Sequence> sequences)
    {
        var needed = sequences.Where(sequence => sequence.Read().Finish != FinishReason.Abort)
            .Sum(sequence => sequence.Prompt.Count - sequence.CachedTokens - sequence.CopiedTokens + sequence.Count - 1L);
        var (computed, disturbances) = engine.Read((_, metrics) => (metrics.ComputedTokens, metrics.Preemptions + metrics.Finished(FinishReason.Abort)));

        // A prompt that was copied as a whole has its last token computed all the same.
        Assert.InRange(computed, needed, disturbances == 0 ? needed + sequences.Count(sequence => sequence.CopiedTokens > 0) : long.MaxValue);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 60)];
}
