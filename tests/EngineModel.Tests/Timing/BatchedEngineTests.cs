using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests.Timing;

/// <summary>One step after the other for all sequences, as vLLM schedules them.</summary>
public sealed class BatchedEngineTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SteadySteps _timing = new();
    private Engine? _engine;

    public void Dispose() => _engine?.Dispose();

    [Fact]
    public void Tokens_ComeOutAtTheEndOfTheirStep()
    {
        var engine = Start(new EngineOptions());
        var sequence = engine.Submit([Request(prompt: 5, output: 3)]).Sequences[0];

        Assert.Equal([0, 1, 1, 2, 3], TokenCountsAfter(sequence, 14, 1, 9, 1, 10));
    }

    [Fact]
    public void Request_ThatComesDuringAStep_WaitsForTheNext()
    {
        var engine = Start(new EngineOptions());
        var first = engine.Submit([Request(prompt: 5, output: 10)]).Sequences[0];
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = engine.Submit([Request(prompt: 5, output: 10)]).Sequences[0];
        Assert.Equal((1, 1), (engine.Load.Running, engine.Load.Waiting));

        // The step with both takes as long as the new prompt asks, for both.
        Assert.Equal([1, 1, 2], TokenCountsAfter(first, 14, 14, 1));
        Assert.Equal(1, second.Read().Tokens.Length);
        Assert.Equal(TimeSpan.FromMilliseconds(14).Ticks, second.Scheduled - second.Arrived);
    }

    [Fact]
    public void Step_TakesRunningSequencesFirst_AndPromptsInPartsUpToTheBudget()
    {
        var engine = Start(new EngineOptions { MaxBatchedTokens = 8 });
        _ = engine.Submit([Request(prompt: 4, output: 100)]);
        _time.Advance(TimeSpan.FromMilliseconds(14));
        _ = engine.Submit([Request(prompt: 20, output: 100), Request(prompt: 3, output: 100)]);
        _time.Advance(TimeSpan.FromMilliseconds(80));

        Assert.Equal(
            [(4, 0, 1), (0, 1, 1), (7, 1, 1), (7, 1, 1), (7, 1, 2), (2, 2, 3), (0, 3, 3)],
            _timing.Steps.Take(7).Select(step => (step.PrefillTokens, step.Decodes, step.Sampled)));
    }

    [Fact]
    public void LongPrefillThreshold_LeavesRoomForShortPrompts()
    {
        var engine = Start(new EngineOptions { MaxBatchedTokens = 100, LongPrefillThreshold = 10 });
        var both = engine.Submit([Request(prompt: 25, output: 1), Request(prompt: 5, output: 1)]);
        _time.Advance(TimeSpan.FromMilliseconds(25));

        Assert.Equal([0, 1], both.Sequences.Select(sequence => sequence.Read().Tokens.Length));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([15, 10, 5], _timing.Steps.Select(step => step.PrefillTokens));
    }

    [Fact]
    public void PromptsInOnePiece_WaitForAStepThatHoldsThem()
    {
        var engine = Start(new EngineOptions { MaxBatchedTokens = 10, ChunksPrefills = false });
        _ = engine.Submit([Request(prompt: 6, output: 2), Request(prompt: 9, output: 2)]);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal([(6, 0), (9, 1), (0, 1)], _timing.Steps.Select(step => (step.PrefillTokens, step.Decodes)));
    }

    [Fact]
    public void MaxSequences_LetsTheOthersWait_InTheOrderOfTheirArrival()
    {
        var engine = Start(new EngineOptions { MaxSequences = 1 });
        var all = Enumerable.Range(0, 3).Select(_ => engine.Submit([Request(prompt: 5, output: 2)])).ToList();

        Assert.Equal([1, 2, 3], new[] { 25, 25, 25 }.Select(step =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(step));
            return all.Count(generation => generation.IsFinished);
        }));
    }

    [Fact]
    public void Growth_WithoutRoom_PreemptsTheYoungest_AndAdmitsNobodyInThatStep()
    {
        var engine = Start(new EngineOptions { BlockSize = 4, Blocks = 5 });
        var (old, young) = (engine.Submit([Request(prompt: 8, output: 9)]), engine.Submit([Request(prompt: 4, output: 9)]));
        _time.Advance(TimeSpan.FromMilliseconds(18 + 14));
        _ = engine.Submit([Request(prompt: 2, output: 1)]);
        Assert.Equal((2, 1), (engine.Load.Running, engine.Load.Waiting));

        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(1, engine.Read((_, metrics) => metrics.Preemptions));
        Assert.Contains(_timing.Steps, step => step is { Running: 1, Decodes: 1, PrefillTokens: 0 });

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(old.IsFinished && young.IsFinished);
        Assert.Equal(0, engine.Load.UsedBlocks);
    }

    [Fact]
    public void Prefix_ThatIsCached_IsNotComputedAgain()
    {
        var engine = Start(new EngineOptions { BlockSize = 4, PrefixHasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256, "0") });
        for (var turn = 0; turn < 2; turn++)
        {
            _ = engine.Submit([Request(prompt: 40, output: 1)]);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        // All of it is cached; its last block is computed again for the first token.
        Assert.Equal([40, 4], _timing.Steps.Select(step => step.PrefillTokens));
    }

    [Fact]
    public void Intake_ComesBeforeTheQueue_WithTheTokenizerOneRequestAfterTheOther()
    {
        _engine = new Engine(new EngineOptions(), new SteadySteps { TokenizerTime = TimeSpan.FromMilliseconds(3) }, _time);
        var first = _engine.Submit([Request(prompt: 5, output: 1)]).Sequences[0];
        var second = _engine.Submit([Request(prompt: 5, output: 1)]).Sequences[0];

        // Ready after 6 and after 9 ms; the second one's step begins when the first one's has ended.
        Assert.Equal([0, 1], TokenCountsAfter(first, 20, 1));
        Assert.Equal([0, 1], TokenCountsAfter(second, 14, 1));
    }

    [Fact]
    public void Intake_CountsFromTheArrival()
    {
        var arrived = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(4));
        _engine = new Engine(new EngineOptions(), new SteadySteps { TokenizerTime = TimeSpan.FromMilliseconds(3) }, _time);
        var sequence = _engine.Submit([Request(prompt: 5, output: 1)], arrived).Sequences[0];

        // Ready 6 ms after the arrival, 2 from now.
        Assert.Equal([0, 1], TokenCountsAfter(sequence, 16, 1));
        Assert.Equal(0.021, _engine.Read((_, metrics) => metrics.TimeToFirstToken.Sum), 6);

        // What took longer to submit than the intake takes is ready at once.
        sequence = _engine.Submit([Request(prompt: 5, output: 1)], arrived).Sequences[0];
        Assert.Equal([0, 1], TokenCountsAfter(sequence, 14, 1));
    }

    [Fact]
    public void Copies_RunBesideTheSteps_AndShareTheLink()
    {
        var engine = Start(new EngineOptions());
        var running = engine.Submit([Request(prompt: 1, output: 100)]).Sequences[0];
        var copies = engine.Submit([Import(40), Import(40)]);
        Assert.Equal([1, 5, 6], TokenCountsAfter(running, 11, 40, 10));

        // Copied from 11 to 51 and from 51 to 91 ms; the first joins the step that begins at 51 ms, the second the one at 91.
        Assert.Equal([1, 0], copies.Sequences.Select(sequence => sequence.Read().Tokens.Length));
        Assert.Equal([10], TokenCountsAfter(running, 40));
        Assert.Equal([5, 1], copies.Sequences.Select(sequence => sequence.Read().Tokens.Length));
        Assert.Equal(0, _timing.Steps.Skip(1).Sum(step => step.PrefillTokens));
        Assert.Equal(0.04 + 0.08, engine.Read((_, metrics) => metrics.TransferTime.Sum), 6);
    }

    [Fact]
    public void Copied_HasTheNextPlace_BeforeThoseThatWait()
    {
        var engine = Start(new EngineOptions { MaxSequences = 2 });
        _ = engine.Submit([Request(prompt: 1, output: 3)]);
        var copied = engine.Submit([Import(5)]).Sequences[0];
        var waiting = engine.Submit([Request(prompt: 5, output: 1), Request(prompt: 5, output: 1)]);
        _time.Advance(TimeSpan.FromMilliseconds(11 + 15 + 10));

        // The first of those that wait took the free place while the copy ran; then came the copied one.
        Assert.Equal([1, 0], waiting.Sequences.Select(sequence => sequence.Read().Tokens.Length));
        Assert.Equal(1, copied.Read().Tokens.Length);
    }

    [Fact]
    public void Abort_DuringAStep_FreesTheBlocksAndLeavesTheStep()
    {
        var engine = Start(new EngineOptions());
        var gone = engine.Submit([Request(prompt: 50, output: 10)]);
        var next = engine.Submit([Request(prompt: 5, output: 1)]).Sequences[0];
        _time.Advance(TimeSpan.FromMilliseconds(20));
        engine.Abort(gone);
        Assert.Equal((0, 1, 0), (engine.Load.Running, engine.Load.Waiting, engine.Load.UsedBlocks));

        // The step takes its 60 ms all the same.
        Assert.Equal([0, 1], TokenCountsAfter(next, 54, 1));
    }

    [Fact]
    public void TimerThatFiresLate_ChangesNothingInTheModel()
    {
        var engine = Start(new EngineOptions { MaxBatchedTokens = 16 });
        List<Sequence> inTime = [.. engine.Submit([Request(prompt: 30, output: 20), Request(prompt: 5, output: 20)]).Sequences];
        _time.Advance(TimeSpan.FromMilliseconds(95));
        inTime.AddRange(engine.Submit([Request(prompt: 5, output: 5)]).Sequences);
        _time.Advance(TimeSpan.FromSeconds(5));

        var lateTime = new LateTimeProvider();
        var lateTiming = new SteadySteps();
        using var other = new Engine(new EngineOptions { MaxBatchedTokens = 16 }, lateTiming, lateTime);
        List<Sequence> late = [.. other.Submit([Request(prompt: 30, output: 20), Request(prompt: 5, output: 20)]).Sequences];
        lateTime.Elapse(TimeSpan.FromMilliseconds(95));
        late.AddRange(other.Submit([Request(prompt: 5, output: 5)]).Sequences);
        lateTime.Elapse(TimeSpan.FromSeconds(5));
        lateTime.Fire();

        Assert.Equal(_timing.Steps, lateTiming.Steps);
        Assert.Equal(
            inTime.Select(sequence => (sequence.FirstToken - sequence.Arrived, sequence.LastToken - sequence.Arrived)),
            late.Select(sequence => (sequence.FirstToken - sequence.Arrived, sequence.LastToken - sequence.Arrived)));
    }

    [Fact]
    public void Timing_ChangedWhileRunning_GoesOnWithTheNextStep()
    {
        var engine = Start(new EngineOptions());
        var sequence = engine.Submit([Request(prompt: 5, output: 9)]).Sequences[0];
        _time.Advance(TimeSpan.FromMilliseconds(15));

        engine.Timing = new Latencies { InterTokenLatency = TimeSpan.FromMilliseconds(1) };
        Assert.Equal([1, 2, 3], TokenCountsAfter(sequence, 9, 1, 1));
        engine.Timing = _timing;
        Assert.Equal([4, 5], TokenCountsAfter(sequence, 1, 10));
    }

    private Engine Start(EngineOptions options) => _engine = new Engine(options, _timing, _time);

    private static SequenceRequest Request(int prompt, int output) => new()
    {
        Prompt = [.. Enumerable.Range(0, prompt)],
        Source = new SentenceSource(7, endless: true),
        MaxTokens = output,
    };

    private static SequenceRequest Import(int prompt) => Request(prompt, output: 100) with { Import = new KvImport(prompt, () => { }) };

    private IEnumerable<int> TokenCountsAfter(Sequence sequence, params double[] steps)
    {
        foreach (var step in steps)
        {
            _time.Advance(TimeSpan.FromMilliseconds(step));
            yield return sequence.Read().Tokens.Length;
        }
    }
}
