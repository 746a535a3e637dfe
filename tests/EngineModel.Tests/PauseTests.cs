using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests;

/// <summary>An engine that falls asleep: what becomes of what has begun.</summary>
public sealed class PauseTests : IDisposable
{
    private static readonly Latencies s_latencies = new()
    {
        TimeToFirstToken = TimeSpan.FromMilliseconds(10),
        InterTokenLatency = TimeSpan.FromMilliseconds(10),
        Transfer = new TransferTimes { Latency = TimeSpan.FromMilliseconds(100) },
    };

    private readonly ManualTimeProvider _time = new();
    private Engine? _engine;

    public void Dispose() => _engine?.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(105)]
    public void Interrupt_TakesEveryPlace_OfCopiesToo_SoThatTheCacheCanBeForgotten(int after)
    {
        var engine = Start(blocks: 100);
        var ended = 0;
        var generation = engine.Submit([Request(prompt: 16), Request(prompt: 20) with { Import = new KvImport(20, () => ended++) }]);
        Advance(after);
        Assert.NotEqual(0, engine.Load.UsedBlocks);

        engine.Pause();
        engine.Interrupt();

        Assert.True(engine.ResetPrefixCache());
        Assert.Equal((0, 2, 0, 1), (engine.Load.Running, engine.Load.Waiting, engine.Load.UsedBlocks, ended));
        Advance(1000);
        Assert.False(generation.IsFinished);
        engine.Resume();
        Advance(10_000);
        Assert.All(generation.Sequences, sequence => Assert.Equal(FinishReason.Length, sequence.Read().Finish));
        Assert.Equal(1, ended);
    }

    [Fact]
    public void Drain_LetsWhatHasBegunComeToItsEnd_AlsoWhenItLosesItsPlace()
    {
        // Room for the prompts of both and not for all they generate.
        var engine = Start(blocks: 10);
        var begun = engine.Submit([Request(prompt: 16), Request(prompt: 16)]);
        engine.Drain();
        var late = engine.Submit([Request(prompt: 4)]);
        Assert.False(engine.IsDrained);

        Advance(10_000);

        Assert.NotEqual(0, engine.Read((_, metrics) => metrics.Preemptions));
        Assert.True(begun.IsFinished);
        Assert.True(engine.IsDrained);
        Assert.Equal((0, 1), (engine.Load.Running, engine.Load.Waiting));
        engine.Resume();
        Advance(10_000);
        Assert.True(late.IsFinished);
    }

    [Fact]
    public void Step_LongerThanAnyTimerWaits_BeginsAndCanBeAborted()
    {
        foreach (var scale in (double[])[1, 1e-12])
        {
            using var engine = new Engine(new EngineOptions { TimeScale = scale }, new Latencies { PrefillTimePerToken = TimeSpan.MaxValue / 2, PrefillOverhead = TimeSpan.MaxValue / 2 }, TimeProvider.System);
            var generation = engine.Submit([Request(prompt: 1000)]);
            Assert.Equal(1, engine.Load.Running);
            engine.Abort(generation);
            Assert.Equal((0, 0), (engine.Load.Running, engine.Load.UsedBlocks));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Abort_LetsGoOfTheSequence_LongBeforeItsStepWouldEnd(bool copies)
    {
        var hours = TimeSpan.FromHours(5);
        var engine = _engine = new Engine(
            new EngineOptions { BlockSize = 4, Blocks = 100 }, s_latencies with { TimeToFirstToken = hours, Transfer = new TransferTimes { Latency = hours } }, _time);

        var sequence = SubmitAndAbort(engine, copies);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(sequence.IsAlive);
    }

    [Fact]
    public void Arrival_BehindOneWhoseAdapterHasNoSlot_BeginsAsSoonAsItIsReady()
    {
        var engine = _engine = new Engine(new EngineOptions { BlockSize = 4, Blocks = 100, MaxAdapters = 1 }, new SlowIntake(), _time);
        _ = engine.Submit([Request(prompt: 4) with { LoraName = "a" }]);
        Advance(10);
        _ = engine.Submit([Request(prompt: 4) with { LoraName = "b" }]);
        Advance(10);
        _ = engine.Submit([Request(prompt: 4)]);
        Assert.Equal((1, 1), engine.WaitingByReason);

        Advance(5);

        Assert.Equal((2, 1), (engine.Load.Running, engine.Load.Waiting));
        Assert.Equal((0, 1), engine.WaitingByReason);
    }

    // Not inlined, so that nothing of it is left on the caller's stack.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference SubmitAndAbort(Engine engine, bool copies)
    {
        var generation = engine.Submit([Request(prompt: 4) with { Import = copies ? new KvImport(4, () => { }) : null }]);
        Assert.NotEqual(0, engine.Load.UsedBlocks);
        engine.Abort(generation);
        return new WeakReference(generation.Sequences[0]);
    }

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private Engine Start(int blocks) => _engine = new Engine(
        new EngineOptions { BlockSize = 4, Blocks = blocks, PrefixHasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0") }, s_latencies, _time);

    private static int s_first;

    private static SequenceRequest Request(int prompt) => new()
    {
        // Prompts that share nothing.
        Prompt = [.. Enumerable.Range(Interlocked.Add(ref s_first, 1000), prompt)],
        Source = new SentenceSource(7, endless: true),
        MaxTokens = 20,
    };

    /// <summary>Steps of their own and five milliseconds until the scheduler sees a request.</summary>
    private sealed class SlowIntake : ITimingModel
    {
        public bool IsBatched => false;

        public TransferTimes Transfer { get; } = new();

        public (TimeSpan Tokenizing, TimeSpan Besides) Intake(int promptTokens) => (TimeSpan.Zero, TimeSpan.FromMilliseconds(5));

        public TimeSpan StepTime(in StepWork work, Random random) => TimeSpan.FromSeconds(1);
    }
}
